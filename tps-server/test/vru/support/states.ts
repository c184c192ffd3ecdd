/** States and settings for tests of what a call does and says, without a database. */
import fc from "fast-check";
import { advance as advanceWith } from "../../../src/vru/call.ts";
import type { Caller, CallState } from "../../../src/vru/call-state.ts";
import type { CallEvent } from "../../../src/vru/call-step.ts";
import type { Setting } from "../../../src/vru/script-parts.ts";

const nobodyHolds = { byOperator: false, byHolder: false };
export const caller: Caller = { accountId: "account", held: nobodyHolds, wallets: [] };
export const advance = (state: CallState, event: CallEvent) =>
  advanceWith(state, event, { operator: true });
/** Everything that can be said is there. */
export const setting: Setting = {
  operator: "A & B",
  operatorNumber: "+4930123456",
  money: { currency: "EUR", scale: 4 },
  timeZone: "Europe/Berlin",
  now: 1_795_348_800,
  pin: "482019",
  balance: 12_345n,
  movements: [{ kind: "payment", at: 1_795_348_800, amount: 5n, name: "Paper & Ink" }],
};
export const wallet = (number: number, pin: Caller["wallets"][number]["pin"] = "active") => ({
  deviceId: `wallet-${number}`,
  name: `Wallet ${number}`,
  pin,
  checkNumber: "0815",
});

/** Any code points, surrogates that stand alone and controls among them; half of them ASCII. */
export const anyText = fc
  .array(fc.oneof(fc.nat(0x7f), fc.nat(0x10ffff)), { maxLength: 80 })
  .map((codePoints) => String.fromCodePoint(...codePoints));
