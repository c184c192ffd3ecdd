/**
 * A call from beginning to end, pure: what the caller does and what came of an effect lead from one state to
 * the next. What is said is a function of the state alone (script.ts), so that a carrier that asks again
 * hears the same again. The order of the cases is the order in which a caller meets them.
 */
import {
  type Caller,
  type CallState,
  type EndReason,
  type Language,
  type Notice,
  type StateOf,
  walletsOfPage,
} from "./call-state.ts";
import { VRU_LIMITS } from "./limits.ts";

/** What a caller does. */
export type CallEvent =
  /** Keys, as many as were asked for or fewer: `0` to `9`, `*`, `#`. */
  | { readonly type: "keys"; readonly keys: string }
  /** Nothing was keyed in for a while. */
  | { readonly type: "silence" }
  | { readonly type: "hung-up" };

/** What the call needs done; carried out in the transaction that saves the next state. */
export type Effect =
  | { readonly type: "check-caller"; readonly telephoneId: string; readonly passcode: string }
  | { readonly type: "set-new-pin"; readonly accountId: string; readonly deviceId: string }
  | { readonly type: "revoke-wallet"; readonly accountId: string; readonly deviceId: string }
  /** Is the PIN still known, and still the newest? */
  | {
      readonly type: "recall-pin";
      readonly accountId: string;
      readonly deviceId: string;
      readonly generation: number;
    };

/** What came of an effect. */
export type EffectResult =
  | { readonly type: "caller-known"; readonly caller: Caller }
  /** No such id, wrong passcode, or locked out: nobody hears which. */
  | { readonly type: "caller-unknown" }
  /** The total of failures of this hour is reached. */
  | { readonly type: "service-closed" }
  | { readonly type: "pin-set"; readonly generation: number; readonly count: number }
  | { readonly type: "pin-recalled" }
  | { readonly type: "pin-forgotten" }
  | { readonly type: "pin-replaced" }
  | { readonly type: "wallet-revoked" }
  /** The wallet is revoked already. */
  | { readonly type: "wallet-gone" };

/** The next state; with an effect, the state that waits for its result. */
export interface Step {
  readonly state: CallState;
  readonly effect?: Effect;
}

type Questioning = Exclude<CallState, { name: "ended" | "pin-told" }>;
type Identified = Extract<CallState, { caller: Caller }>;

/** What follows when the caller does something. */
export function advance(state: CallState, event: CallEvent): Step {
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
    case "choosing-wallet":
      return chooseWallet(state, keys);
    case "wallet-menu":
      return walletMenu(state, keys);
    case "pin-told":
      return afterPin(state, keys);
    case "ended":
      return { state };
  }
}

function chooseLanguage(state: StateOf<"choosing-language">, keys: string | null): Step {
  const chosen: Language | undefined = keys === "1" ? "en" : keys === "2" ? "de" : undefined;
  if (chosen === undefined) return miss(state, keys);
  return { state: { name: "entering-id", language: chosen, misses: 0, tries: 0, notice: null } };
}

function enterId(state: StateOf<"entering-id">, keys: string | null): Step {
  if (keys === null || !isEightDigits(keys)) return miss(state, keys, "wrong-length");
  const { language, tries } = state;
  return {
    state: {
      name: "entering-passcode",
      language,
      tries,
      telephoneId: keys,
      misses: 0,
      notice: null,
    },
  };
}

function enterPasscode(state: StateOf<"entering-passcode">, keys: string | null): Step {
  if (keys === null || !isEightDigits(keys)) return miss(state, keys, "wrong-length");
  const { telephoneId } = state;
  return { state, effect: { type: "check-caller", telephoneId, passcode: keys } };
}

function compareCheckNumber(state: StateOf<"comparing-check-number">, keys: string | null): Step {
  switch (keys) {
    case "1":
      return { state, effect: { type: "set-new-pin", ...subject(state) } };
    case "2":
      return { state, effect: { type: "revoke-wallet", ...subject(state) } };
    default:
      return backToWallets(state, keys) ?? miss(state, keys);
  }
}

function chooseWallet(state: StateOf<"choosing-wallet">, keys: string | null): Step {
  const { offered, more } = walletsOfPage(state);
  if (keys === "9" && more) {
    const pages = Math.ceil(state.caller.wallets.length / VRU_LIMITS.walletsInAMenu);
    return { state: { ...state, page: (state.page + 1) % pages, misses: 0, notice: null } };
  }
  const wallet = keys !== null && /^[1-8]$/.test(keys) ? offered[Number(keys) - 1] : undefined;
  if (wallet === undefined) return miss(state, keys);
  const { language, caller } = state;
  const about = { language, caller, deviceId: wallet.deviceId, misses: 0, notice: null };
  return {
    state:
      wallet.pin === "awaiting-pin"
        ? { name: "comparing-check-number", ...about }
        : { name: "wallet-menu", ...about },
  };
}

function walletMenu(state: StateOf<"wallet-menu">, keys: string | null): Step {
  if (keys === "1") return { state, effect: { type: "set-new-pin", ...subject(state) } };
  return backToWallets(state, keys) ?? miss(state, keys);
}

function afterPin(state: StateOf<"pin-told">, keys: string | null): Step {
  if (keys !== "1" || state.repeated) return end(state.language, "pin-told");
  return {
    state,
    effect: { type: "recall-pin", ...subject(state), generation: state.generation },
  };
}

/**
 * What follows when an effect was carried out.
 *
 * @throws {TypeError} when the result is of no effect that this state asks for
 */
export function settle(state: CallState, result: EffectResult): Step {
  if (state.name === "entering-passcode") return settleIdentification(state, result);
  if (!("caller" in state)) throw unexpected(state, result);
  switch (result.type) {
    case "pin-set":
      return {
        state: {
          name: "pin-told",
          ...about(state),
          generation: result.generation,
          count: result.count,
          repeated: false,
          notice: state.name === "pin-told" ? "earlier-pin-void" : null,
        },
      };
    case "pin-recalled":
      if (state.name !== "pin-told") throw unexpected(state, result);
      return { state: { ...state, repeated: true, notice: null } };
    case "pin-forgotten":
      return { state, effect: { type: "set-new-pin", ...subject(state) } };
    case "pin-replaced":
      return end(state.language, "pin-replaced");
    case "wallet-revoked":
      return withoutWallet(state, "wallet-revoked");
    case "wallet-gone":
      return withoutWallet(state, "wallet-gone");
    case "caller-known":
    case "caller-unknown":
    case "service-closed":
      throw unexpected(state, result);
  }
}

function settleIdentification(state: StateOf<"entering-passcode">, result: EffectResult): Step {
  const { language } = state;
  switch (result.type) {
    case "caller-known":
      return openMenu(language, result.caller, null);
    case "caller-unknown": {
      const tries = state.tries + 1;
      if (tries >= VRU_LIMITS.triesInACall) return end(language, "too-many-tries");
      return { state: { name: "entering-id", language, tries, misses: 0, notice: "not-matching" } };
    }
    case "service-closed":
      return end(language, "service-closed");
    case "pin-set":
    case "pin-recalled":
    case "pin-forgotten":
    case "pin-replaced":
    case "wallet-revoked":
    case "wallet-gone":
      throw unexpected(state, result);
  }
}

/** Where an identified caller begins: a wallet that awaits its first PIN goes before everything else. */
function openMenu(language: Language, caller: Caller, notice: Notice | null): Step {
  const [first, second] = caller.wallets;
  if (first === undefined) {
    return end(language, notice === "wallet-revoked" ? "wallet-revoked" : "no-wallet");
  }
  const opening = { language, caller, misses: 0, notice };
  const [awaiting, another] = caller.wallets.filter(({ pin }) => pin === "awaiting-pin");
  if (awaiting !== undefined && another === undefined) {
    const { deviceId } = awaiting;
    return { state: { name: "comparing-check-number", ...opening, deviceId } };
  }
  if (second === undefined) {
    return { state: { name: "wallet-menu", ...opening, deviceId: first.deviceId } };
  }
  return { state: { name: "choosing-wallet", ...opening, page: 0 } };
}

function withoutWallet(state: Identified, notice: Notice): Step {
  const { deviceId } = subject(state);
  const wallets = state.caller.wallets.filter((wallet) => wallet.deviceId !== deviceId);
  return openMenu(state.language, { ...state.caller, wallets }, notice);
}

function backToWallets(
  state: StateOf<"comparing-check-number" | "wallet-menu">,
  keys: string | null,
): Step | undefined {
  const { language, caller } = state;
  if (keys !== "0" || caller.wallets.length < 2) return undefined;
  return { state: { name: "choosing-wallet", language, caller, page: 0, misses: 0, notice: null } };
}

/** Asks again, politely, and gives up after some times. */
function miss(state: Questioning, keys: string | null, wrong: Notice = "wrong-key"): Step {
  const misses = state.misses + 1;
  if (misses > VRU_LIMITS.missesInARow) return end(languageOf(state), "no-answer");
  return { state: { ...state, misses, notice: keys === null ? "silence" : wrong } };
}

function end(language: Language | null, reason: EndReason): Step {
  return { state: { name: "ended", language, reason } };
}

function languageOf(state: CallState): Language | null {
  return state.name === "choosing-language" ? null : state.language;
}

function about(state: Identified) {
  const { language, caller } = state;
  return { language, caller, deviceId: subject(state).deviceId, misses: 0 };
}

function subject(state: Identified): { accountId: string; deviceId: string } {
  if (state.name === "choosing-wallet") throw new TypeError("No wallet is chosen yet.");
  return { accountId: state.caller.accountId, deviceId: state.deviceId };
}

function isEightDigits(keys: string): boolean {
  return /^[0-9]{8}$/.test(keys);
}

function unexpected(state: CallState, result: EffectResult): TypeError {
  return new TypeError(`The call is ${state.name} and cannot be told ${result.type}.`);
}
