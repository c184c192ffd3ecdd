/** Which texts there are. Every language has all of them, or the types do not fit. */
import type { PinState } from "@chit/protocol";
import type { EndReason, Notice } from "./call-state.ts";

/** Everything the VRU says in one language. A text is heard, not read: one thought, the key at its end. */
export interface Texts {
  welcome(operator: string): string;
  readonly chooseLanguage: string;
  readonly enterId: string;
  readonly enterPasscode: string;
  /** A wallet that awaits its first PIN; the number comes spelt. */
  newWallet(checkNumber: string): string;
  readonly compareCheckNumber: string;
  /** Said last of all: whoever held the activation link has chosen it. */
  newWalletName(name: string): string;
  /** In the place of a name in which nothing can be said. */
  readonly nameless: string;
  walletKey(name: string, pin: PinState, key: number): string;
  readonly moreWallets: string;
  readonly otherWallets: string;
  walletMenu(name: string, pin: PinState): string;
  readonly accountHeld: string;
  readonly yourPin: string;
  readonly onceMore: string;
  readonly enterPin: string;
  /** The transaction count, which a wallet asks for after drift. */
  paymentsSoFar(count: number): string;
  readonly hearAgain: string;
  /** The PIN cannot be said (again), but a new one can. */
  readonly pinForgotten: string;
  readonly notices: Readonly<Record<Notice, string>>;
  /** Said before the goodbye. */
  readonly ends: Readonly<Record<EndReason, string>>;
  readonly goodbye: string;
}
