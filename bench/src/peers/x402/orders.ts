/** What the bench says to the programs in `bench/peers`, which have packages of their own. */
import type { Bought } from "../figures.ts";

/** An address on the chain, as text. */
export type Address = `0x${string}`;

/** The shop: Express with `@x402/express`, the facilitator in the same process, a chain that is none. */
export interface X402Merchant {
  /** `express`: the module that it runs on, as a URL. */
  open(input: null): Promise<{ readonly port: number; readonly express: string }>;
  /** Puts coins at a shopper's address. */
  fund(input: { readonly address: Address; readonly amount: bigint }): Promise<void>;
  /** CPU milliseconds since the start: all, and what the facilitator had of it. */
  spent(input: null): Promise<{ readonly all: number; readonly facilitator: number }>;
  /** What the chain has of payments to the merchant. */
  takings(input: null): Promise<{ readonly payments: number; readonly amount: bigint }>;
}

/** The shopper: `fetch` with `@x402/fetch`, and a key that was made for it. */
export interface X402Shopper {
  open(input: { readonly url: string }): Promise<{ readonly address: Address }>;
  /** Tries to pay with a signature of another key; whether the shop refuses. */
  forge(input: null): Promise<{ readonly refused: boolean }>;
  buy(input: { readonly count: number }): Promise<Bought>;
}
