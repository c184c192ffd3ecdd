/** The part of a call that is about wallets: their check numbers, PINs, transaction counts and ends. */
import {
  type AboutWallet,
  type Caller,
  type Identified,
  type Language,
  type Notice,
  type StateOf,
  walletsOfPage,
} from "./call-state.ts";
import {
  BACK,
  type EffectResult,
  end,
  lookAgain,
  miss,
  opening,
  REPEAT,
  repeat,
  type Step,
  toMainMenu,
} from "./call-step.ts";
import { VRU_LIMITS } from "./limits.ts";

/** Where an identified caller begins: a wallet that awaits its first PIN goes before everything else. */
export function openAfterIdentification(language: Language, caller: Caller): Step {
  const awaiting = caller.wallets.filter(({ pin }) => pin === "awaiting-pin");
  const [first, second] = awaiting;
  const notice: Notice | null = caller.wallets.length === 0 ? "no-wallet" : null;
  const begun = { language, caller, misses: 0, notice };
  if (first === undefined) return { state: { name: "main-menu", ...begun } };
  if (second !== undefined) return { state: { name: "choosing-wallet", ...begun, page: 0 } };
  return { state: { name: "comparing-check-number", ...begun, deviceId: first.deviceId } };
}

/** The caller's wallets: the only one, or which? */
export function toWallets(state: Identified, notice: Notice | null): Step {
  const [first, second] = state.caller.wallets;
  if (first === undefined) {
    return { state: { name: "main-menu", ...opening(state, notice ?? "no-wallet") } };
  }
  if (second === undefined) return toWallet(state, first.deviceId, notice);
  return { state: { name: "choosing-wallet", ...opening(state, notice), page: 0 } };
}

function toWallet(state: Identified, deviceId: string, notice: Notice | null): Step {
  const wallet = state.caller.wallets.find((candidate) => candidate.deviceId === deviceId);
  const about = { ...opening(state, notice), deviceId };
  return {
    state:
      wallet?.pin === "awaiting-pin"
        ? { name: "comparing-check-number", ...about }
        : { name: "wallet-menu", ...about },
  };
}

/** One level up from a wallet: the other ones, or the main menu where there are none. */
function backFromWallet(state: AboutWallet): Step {
  return state.caller.wallets.length > 1 ? lookAgain(state, "wallets") : toMainMenu(state);
}

export function compareCheckNumber(
  state: StateOf<"comparing-check-number">,
  keys: string | null,
): Step {
  switch (keys) {
    case "1":
      return { state, effect: { type: "set-new-pin", ...subject(state) } };
    case "2":
      return { state, effect: { type: "revoke-wallet", whose: "stranger", ...subject(state) } };
    case REPEAT:
      return repeat(state);
    case BACK:
      return backFromWallet(state);
    default:
      return miss(state, keys);
  }
}

export function chooseWallet(state: StateOf<"choosing-wallet">, keys: string | null): Step {
  const { offered, more } = walletsOfPage(state);
  if (keys === REPEAT) return repeat(state);
  if (keys === BACK) return toMainMenu(state);
  if (keys === "9" && more) {
    const pages = Math.ceil(state.caller.wallets.length / VRU_LIMITS.walletsInAMenu);
    return { state: { ...state, page: (state.page + 1) % pages, misses: 0, notice: null } };
  }
  const wallet = keys !== null && /^[1-8]$/.test(keys) ? offered[Number(keys) - 1] : undefined;
  return wallet === undefined ? miss(state, keys) : toWallet(state, wallet.deviceId, null);
}

export function walletMenu(state: StateOf<"wallet-menu">, keys: string | null): Step {
  switch (keys) {
    case "1":
      return { state, effect: { type: "set-new-pin", ...subject(state) } };
    case "2":
      return { state, effect: { type: "count-payments", ...subject(state) } };
    case "3":
      return { state: { name: "confirming-revocation", ...opening(state), ...deviceOf(state) } };
    case REPEAT:
      return repeat(state);
    case BACK:
      return backFromWallet(state);
    default:
      return miss(state, keys);
  }
}

export function confirmRevocation(
  state: StateOf<"confirming-revocation">,
  keys: string | null,
): Step {
  switch (keys) {
    case "1":
      return { state, effect: { type: "revoke-wallet", whose: "own", ...subject(state) } };
    case REPEAT:
      return repeat(state);
    case BACK:
      return toWallet(state, state.deviceId, null);
    default:
      return miss(state, keys);
  }
}

export function afterCount(state: StateOf<"count-told">, keys: string | null): Step {
  if (keys === REPEAT) return repeat(state);
  if (keys === BACK) return toWallet(state, state.deviceId, null);
  if (keys !== null) return miss(state, keys);
  const { language, caller, deviceId } = state;
  const misses = state.misses + 1;
  return { state: { name: "wallet-menu", language, caller, deviceId, misses, notice: null } };
}

export function afterPin(state: StateOf<"pin-told">, keys: string | null): Step {
  switch (keys) {
    case null:
      return end(state.language, "pin-told");
    case "1":
    case REPEAT: {
      const { generation } = state;
      return { state, effect: { type: "recall-pin", ...subject(state), generation } };
    }
    case BACK:
      return toMainMenu(state);
    default:
      return miss(state, keys);
  }
}

/** What follows when something was done for a wallet; undefined when the result is of something else. */
export function settleWallet(state: AboutWallet, result: EffectResult): Step | undefined {
  switch (result.type) {
    case "pin-set": {
      const { generation, count } = result;
      const notice = state.name === "pin-told" ? "earlier-pin-void" : null;
      const told = { ...opening(state, notice), ...deviceOf(state), generation, count };
      return { state: { name: "pin-told", ...told } };
    }
    case "pin-recalled":
      return state.name === "pin-told" ? repeat(state) : undefined;
    case "pin-forgotten":
      return { state, effect: { type: "set-new-pin", ...subject(state) } };
    case "pin-replaced":
      return toMainMenu(state, "pin-replaced");
    case "payments-counted": {
      const told = { ...opening(state), ...deviceOf(state), count: result.count };
      return { state: { name: "count-told", ...told } };
    }
    case "wallet-revoked":
      return toMainMenu(state, result.whose === "own" ? "wallet-revoked" : "stranger-revoked");
    case "wallet-gone":
      return toMainMenu(state, "wallet-gone");
    default:
      return undefined;
  }
}

function deviceOf({ deviceId }: AboutWallet): { deviceId: string } {
  return { deviceId };
}

function subject(state: AboutWallet): { accountId: string; deviceId: string } {
  return { accountId: state.caller.accountId, deviceId: state.deviceId };
}
