/**
 * A call from beginning to end, pure: what the caller does and what came of an effect lead from one state to
 * the next. What is said is a function of the state alone (script.ts), so that a carrier that asks again
 * hears the same again. The order of the cases is the order in which a caller meets them.
 */
import {
  afterCase,
  afterFacts,
  afterMessage,
  afterOperator,
  chooseProblem,
  holdMenu,
  mainMenu,
  type Offer,
  offerHold,
  settleAccount,
} from "./call-account.ts";
import { chooseLanguage, enterId, enterPasscode, settleIdentification } from "./call-entry.ts";
import type { CallState } from "./call-state.ts";
import {
  type CallEvent,
  type EffectResult,
  end,
  languageOf,
  type Step,
  unexpected,
} from "./call-step.ts";
import {
  afterCount,
  afterPin,
  chooseWallet,
  compareCheckNumber,
  confirmRevocation,
  settleWallet,
  walletMenu,
} from "./call-wallets.ts";

/** What follows when the caller does something. */
export function advance(state: CallState, event: CallEvent, offer: Offer): Step {
  if (event.type === "hung-up") {
    return state.name === "ended" ? { state } : end(languageOf(state), "hung-up");
  }
  const keys = event.type === "keys" ? event.keys : null;
  switch (state.name) {
    case "choosing-language":
      return chooseLanguage(state, keys);
    case "entering-id":
      return enterId(state, keys);
    case "entering-passcode":
      return enterPasscode(state, keys);
    case "comparing-check-number":
      return compareCheckNumber(state, keys);
    case "main-menu":
      return mainMenu(state, keys, offer);
    case "choosing-wallet":
      return chooseWallet(state, keys);
    case "wallet-menu":
      return walletMenu(state, keys);
    case "pin-told":
      return afterPin(state, keys);
    case "count-told":
      return afterCount(state, keys);
    case "confirming-revocation":
      return confirmRevocation(state, keys);
    case "balance-told":
    case "payments-told":
      return afterFacts(state, keys);
    case "hold-menu":
      return holdMenu(state, keys, offer);
    case "choosing-problem":
      return chooseProblem(state, keys);
    case "offering-hold":
      return offerHold(state, keys);
    case "recording":
      return afterMessage(state, event);
    case "case-told":
      return afterCase(state, keys);
    case "handed-over":
      return afterOperator(state, event);
    case "ended":
      return { state };
  }
}

/**
 * What follows when an effect was carried out.
 *
 * @throws {TypeError} when the result is of no effect that this state asks for
 */
export function settle(state: CallState, result: EffectResult): Step {
  if (state.name === "entering-passcode") return settleIdentification(state, result);
  if (!("caller" in state)) throw unexpected(state, result);
  const ofWallet = "deviceId" in state ? settleWallet(state, result) : undefined;
  return ofWallet ?? settleAccount(state, result);
}
