/** The part of a call that is about the account: the main menu, balance, payments, holds, problems, the operator. */
import { CATEGORIES, type Identified, type StateOf } from "./call-state.ts";
import {
  type Asking,
  afterTelling,
  BACK,
  type CallEvent,
  type EffectResult,
  end,
  lookAgain,
  miss,
  opening,
  REPEAT,
  repeat,
  type Step,
  toMainMenu,
  unexpected,
} from "./call-step.ts";
import { toWallets } from "./call-wallets.ts";

/** What this service offers besides what all of them do. */
export interface Offer {
  /** Whether there is an operator to be connected with. */
  readonly operator: boolean;
}

export function mainMenu(state: StateOf<"main-menu">, keys: string | null, offer: Offer): Step {
  switch (keys) {
    case "1":
      return lookAgain(state, "wallets");
    case "2":
      return { state: { name: "balance-told", ...opening(state) } };
    case "3":
      return { state: { name: "payments-told", ...opening(state) } };
    case "4":
      return lookAgain(state, "hold-menu");
    case "5":
      return { state: { name: "choosing-problem", ...opening(state) } };
    case "9":
      return offer.operator ? { state, effect: { type: "hand-over" } } : miss(state, keys);
    case REPEAT:
    case BACK:
      return repeat(state);
    default:
      return miss(state, keys);
  }
}

/** After balance or payments. */
export function afterFacts(
  state: StateOf<"balance-told" | "payments-told">,
  keys: string | null,
): Step {
  return keys === null ? afterTelling(state) : repeatOrBack(state, keys);
}

export function holdMenu(state: StateOf<"hold-menu">, keys: string | null, offer: Offer): Step {
  // Only the operator lifts the operator's hold.
  if (keys === "9" && offer.operator) return { state, effect: { type: "hand-over" } };
  if (keys !== "1") return repeatOrBack(state, keys);
  const { accountId, held } = state.caller;
  return { state, effect: { type: "change-hold", accountId, held: !held.byHolder } };
}

export function chooseProblem(state: StateOf<"choosing-problem">, keys: string | null): Step {
  const category = keys === null ? undefined : CATEGORIES[Number(keys) - 1];
  if (category === undefined) return repeatOrBack(state, keys);
  const { accountId } = state.caller;
  return { state, effect: { type: "open-case", accountId, category } };
}

export function offerHold(state: StateOf<"offering-hold">, keys: string | null): Step {
  const { accountId } = state.caller;
  if (keys === "1") return { state, effect: { type: "change-hold", accountId, held: true } };
  if (keys === "2") return toRecording(state, state.caseNumber, false);
  return repeatOrBack(state, keys);
}

/** Whatever ends the message, the number is told again. */
export function afterMessage(state: StateOf<"recording">, event: CallEvent): Step {
  const { caseNumber } = state;
  const recorded = event.type === "recorded";
  return { state: { name: "case-told", ...opening(state), caseNumber, recorded } };
}

export function afterCase(state: StateOf<"case-told">, keys: string | null): Step {
  return keys === null ? end(state.language, "case-told") : repeatOrBack(state, keys);
}

export function afterOperator(state: StateOf<"handed-over">, event: CallEvent): Step {
  const answered = event.type === "operator-left" && event.answered;
  return toMainMenu(state, answered ? null : "nobody-there");
}

/**
 * What follows when something was done for the account.
 *
 * @throws {TypeError} when the result is of no effect that this state asks for
 */
export function settleAccount(state: Identified, result: EffectResult): Step {
  switch (result.type) {
    case "looked-again":
      return arrive({ ...state, caller: result.caller }, result);
    case "hold-changed": {
      const changed: Identified = { ...state, caller: { ...state.caller, held: result.held } };
      const notice = result.held.byHolder ? "hold-placed" : "hold-lifted";
      return changed.name === "offering-hold"
        ? toRecording(changed, changed.caseNumber, false, notice)
        : { state: { name: "main-menu", ...opening(changed, notice) } };
    }
    case "case-opened": {
      const { caseNumber, category } = result;
      const offers = category === "lost-computer" && !state.caller.held.byHolder;
      return offers
        ? { state: { name: "offering-hold", ...opening(state), caseNumber } }
        : toRecording(state, caseNumber, true);
    }
    case "too-many-cases":
      return toMainMenu(state, "too-many-cases");
    case "handing-over":
      return { state: { name: "handed-over", ...opening(state) } };
    default:
      throw unexpected(state, result);
  }
}

function arrive(
  state: Identified,
  { destination, notice }: Extract<EffectResult, { type: "looked-again" }>,
): Step {
  switch (destination) {
    case "wallets":
      return toWallets(state, notice);
    case "hold-menu":
    case "main-menu":
      return { state: { name: destination, ...opening(state, notice) } };
  }
}

function toRecording(
  state: Identified,
  caseNumber: string,
  opened: boolean,
  notice: "hold-placed" | "hold-lifted" | null = null,
): Step {
  return { state: { name: "recording", ...opening(state, notice), caseNumber, opened } };
}

function repeatOrBack(state: Identified & Asking, keys: string | null): Step {
  if (keys === REPEAT) return repeat(state);
  return keys === BACK ? toMainMenu(state) : miss(state, keys);
}
