/** Which texts there are. Every language has all of them, or the types do not fit. */
import type { PinState } from "@chit/protocol";
import type { Category, EndReason, Notice } from "./call-state.ts";

/** What the main menu offers, in the order of its keys. */
export type MenuItem = "wallets" | "balance" | "payments" | "hold" | "problem";

/** Everything the VRU says in one language. A text is heard, not read: one thought, the key at its end. */
export interface Texts {
  welcome(operator: string): string;
  readonly chooseLanguage: string;
  readonly enterId: string;
  readonly enterPasscode: string;
  /** The two keys that do the same everywhere. */
  readonly repeatAndBack: string;
  readonly menu: Readonly<Record<MenuItem, string>>;
  /** The key for the operator, where there is one to be connected with. */
  readonly operatorKey: string;

  /** A wallet that awaits its first PIN; the number comes spelt. */
  newWallet(checkNumber: string): string;
  readonly compareCheckNumber: string;
  /** Said last of all: whoever held the activation link has chosen it. */
  newWalletName(name: string): string;
  /** In the place of a name in which nothing can be said. */
  readonly nameless: string;
  /** One of several wallets; `checkNumber` where another one has the same name. */
  walletKey(name: string, pin: PinState, key: number, checkNumber: string | null): string;
  readonly moreWallets: string;
  readonly otherWallets: string;
  walletMenu(name: string, pin: PinState): readonly string[];
  confirmRevocation(name: string): readonly string[];
  readonly yourPin: string;
  readonly onceMore: string;
  readonly enterPin: string;
  /** The transaction count, which a wallet asks for after drift. */
  paymentsSoFar(count: number): string;
  readonly hearAgain: string;
  /** The PIN cannot be said (again), but a new one can. */
  readonly pinForgotten: string;

  balance(amount: string): string;
  readonly lastPayments: string;
  readonly noPayments: string;
  payment(day: string, amount: string, merchant: string): string;
  refusedPayment(day: string, amount: string, merchant: string): string;
  refund(day: string, amount: string, merchant: string): string;
  paidIn(day: string, amount: string): string;

  /** Said when the main menu is reached. */
  readonly accountHeld: string;
  /** What is the matter, in the menu of holds. */
  readonly heldByOperator: string;
  readonly heldByHolder: string;
  readonly placeHold: string;
  readonly liftHold: string;

  readonly categories: Readonly<Record<Category, string>>;
  readonly caseOpened: string;
  readonly offerHold: string;
  readonly speakNow: string;
  readonly messageKept: string;
  readonly nothingHeard: string;
  readonly caseGoodbye: string;

  /** The operator's number comes spelt, without its plus sign. */
  connecting(number: string): string;
  /** For those who cannot be helped here. */
  callOperator(number: string): string;

  readonly notices: Readonly<Record<Notice, string>>;
  /** Said before the goodbye. */
  readonly ends: Readonly<Record<EndReason, string>>;
  readonly goodbye: string;
}
