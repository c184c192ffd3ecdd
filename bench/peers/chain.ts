/**
 * A chain that is none: it keeps the balances of one coin in memory and moves them at once. In place of a node that is asked over
 * the network, and of a transaction that waits for blocks; what it does not do is not in the figures.
 */
import { randomBytes } from "node:crypto";
import type { Address } from "../src/peers/x402/orders.ts";

/** Keccak-256 of `Transfer(address,address,uint256)`, by which ERC-20 logs are known. */
const TRANSFER_TOPIC = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
const EIP3009 = "transferWithAuthorization";

/** A call of a contract, as the facilitator makes it. */
export interface ContractCall {
  readonly address: Address;
  readonly functionName: string;
  readonly args?: readonly unknown[];
}

interface Transfer {
  readonly from: Address;
  readonly to: Address;
  readonly value: bigint;
  readonly nonce: string;
}

/** What a facilitator asks of a chain, for one coin that knows EIP-3009. */
export class StubChain {
  readonly #coin: Address;
  readonly #nowSeconds: () => number;
  readonly #balances = new Map<string, bigint>();
  readonly #used = new Set<string>();
  readonly #transactions = new Map<string, Transfer>();
  /** Transfers to an address, by it. */
  readonly #received = new Map<string, number>();

  constructor(coin: Address, nowSeconds: () => number) {
    this.#coin = coin;
    this.#nowSeconds = nowSeconds;
  }

  mint(address: Address, amount: bigint): void {
    this.#balances.set(key(address), this.balanceOf(address) + amount);
  }

  balanceOf(address: Address): bigint {
    return this.#balances.get(key(address)) ?? 0n;
  }

  /** How many transfers came to the address. */
  transfersTo(address: Address): number {
    return this.#received.get(key(address)) ?? 0;
  }

  /** The coin is the only contract: whoever pays signs with a key. */
  async getCode({ address }: { readonly address: Address }): Promise<Address | undefined> {
    return key(address) === key(this.#coin) ? "0x00" : undefined;
  }

  /** Tries a transfer without making it. */
  async readContract(call: ContractCall): Promise<undefined> {
    this.#check(this.#transferOf(call));
  }

  /** Makes a transfer; it is final at once. */
  async writeContract(call: ContractCall): Promise<Address> {
    const transfer = this.#transferOf(call);
    this.#check(transfer);
    const { from, to, value, nonce } = transfer;
    this.#used.add(nonce);
    this.mint(from, -value);
    this.mint(to, value);
    this.#received.set(key(to), this.transfersTo(to) + 1);
    const hash: Address = `0x${randomBytes(32).toString("hex")}`;
    this.#transactions.set(hash, transfer);
    return hash;
  }

  async waitForTransactionReceipt({ hash }: { readonly hash: Address }) {
    const transfer = this.#transactions.get(hash);
    if (transfer === undefined) throw new Error("There is no such transaction.");
    this.#transactions.delete(hash);
    const topics: [Address, ...Address[]] = [
      TRANSFER_TOPIC,
      word(BigInt(transfer.from)),
      word(BigInt(transfer.to)),
    ];
    const place = {
      blockHash: hash,
      blockNumber: 1n,
      logIndex: 0,
      transactionHash: hash,
      transactionIndex: 0,
      removed: false,
    };
    const log = { ...place, address: this.#coin, data: word(transfer.value), topics };
    return { status: "success", logs: [log] };
  }

  #transferOf({ address, functionName, args = [] }: ContractCall): Transfer & Times {
    if (key(address) !== key(this.#coin) || functionName !== EIP3009) {
      throw new Error(`This chain has no ${functionName} at ${address}.`);
    }
    const [from, to, value, validAfter, validBefore, nonce] = args;
    return {
      from: from as Address,
      to: to as Address,
      value: BigInt(value as bigint),
      validAfter: BigInt(validAfter as bigint),
      validBefore: BigInt(validBefore as bigint),
      nonce: `${key(from as Address)} ${String(nonce)}`,
    };
  }

  #check({ from, value, validAfter, validBefore, nonce }: Transfer & Times): void {
    const now = BigInt(this.#nowSeconds());
    if (now <= validAfter) throw new Error("authorization is not yet valid");
    if (now >= validBefore) throw new Error("authorization is expired");
    if (this.#used.has(nonce)) throw new Error("authorization is used or canceled");
    if (this.balanceOf(from) < value) throw new Error("transfer amount exceeds balance");
  }
}

interface Times {
  readonly validAfter: bigint;
  readonly validBefore: bigint;
}

const key = (address: Address) => address.toLowerCase();
const word = (value: bigint): Address => `0x${value.toString(16).padStart(64, "0")}`;
