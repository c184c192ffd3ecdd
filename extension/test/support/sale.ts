/** A sale of the tests' MTS. */
import type { QuoteInput, Session } from "@chit/protocol";

export interface Sale {
  readonly quote: QuoteInput;
  readonly body: Uint8Array;
  session: Session | null;
  initiation: string;
  address: unknown;
  /** The pseudonym that its buyer told. */
  loyalty: string | null;
  paid: boolean;
  /** Every proof that was forwarded, each once, the first that counts first. */
  readonly proofs: string[];
  /** The initiator wants nobody else to pay any more. */
  calledOff: boolean;
}
