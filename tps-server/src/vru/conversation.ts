/**
 * One webhook of a carrier, from the caller's keys to what the caller hears next. Everything it does happens in
 * one transaction that is committed before anything is said: a guess is counted, a PIN is set, a wallet is
 * revoked, and the call has moved on, or none of it.
 */
import type { Vault } from "../keys/vault.ts";
import type { Platform } from "../platform.ts";
import type { Database, Queryable } from "../store/database.ts";
import { advance, type CallEvent, type Effect, type EffectResult, settle } from "./call.ts";
import type { CallState } from "./call-state.ts";
import {
  beginCall,
  type Call,
  type LoggedEvent,
  lockCall,
  logEvent,
  saveCall,
} from "./call-store.ts";
import { identify } from "./identification.ts";
import type { PinMemory, ToldPin } from "./pin-memory.ts";
import { type Script, scriptOf } from "./script.ts";
import { giveNewPin, pinGeneration, revokeWallet } from "./wallets.ts";

/** What conversations need. */
export interface ConversationDeps {
  /** Connected as the role `chit_vru`. */
  readonly database: Database;
  /** Seals modified PINs. */
  readonly pinVault: Vault;
  readonly pins: PinMemory;
  readonly platform: Pick<Platform, "nowSeconds" | "randomBytes">;
  /** The operator's name, as said in the greeting. */
  readonly operator: string;
  /** Calls the operator: the failures of this hour have reached their total. */
  readonly alarm: (failures: "total-reached") => void;
}

/** What a carrier tells. */
export interface Webhook {
  readonly callId: string;
  /** Number of the document that this answers; undefined at the beginning of a call. */
  readonly step: number | undefined;
  readonly event: CallEvent;
}

/** What is said next, and the number of that document. */
export interface Answer {
  readonly step: number;
  readonly script: Script;
}

/** A transaction's view of one call; `told` is remembered only after the commit. */
interface Work {
  readonly tx: Queryable;
  readonly now: number;
  readonly callId: string;
  told: ToldPin | undefined;
  accountId: string | undefined;
}

const EXPIRED: CallState = { name: "ended", language: null, reason: "expired" };

/** Answers a webhook. A webhook that comes again, or comes late, changes nothing and hears the same again. */
export async function converse(deps: ConversationDeps, webhook: Webhook): Promise<Answer> {
  const { callId } = webhook;
  const now = deps.platform.nowSeconds();
  const { call, told } = await deps.database.transaction(async (tx) => {
    const work: Work = { tx, now, callId, told: undefined, accountId: undefined };
    const found = await findCall(work, webhook);
    if (found === undefined) return { call: { callId, step: 1, state: EXPIRED }, told: undefined };
    if (!isDue(found, webhook)) return { call: found, told: undefined };
    const state = await proceed(deps, work, found.state, webhook.event);
    const next: Call = { callId, step: found.step + 1, state };
    await saveCall(tx, next);
    return { call: next, told: work.told };
  });
  if (told !== undefined) deps.pins.remember(callId, told);
  if (call.state.name !== "pin-told") deps.pins.forget(callId);
  const setting = { operator: deps.operator, pin: pinToTell(deps, call) };
  return { step: call.step, script: scriptOf(call.state, setting) };
}

async function findCall(work: Work, { callId, step, event }: Webhook): Promise<Call | undefined> {
  const call = await lockCall(work.tx, callId, work.now);
  if (call !== undefined) return call;
  if (step !== undefined || event.type === "hung-up") return undefined;
  const begun = await beginCall(work.tx, callId, work.now);
  if (begun === undefined) return lockCall(work.tx, callId, work.now);
  await log(work, "call-began");
  return begun;
}

/** Whether a webhook is the answer that the call waits for. Hanging up is always one. */
function isDue(call: Call, { step, event }: Webhook): boolean {
  return event.type === "hung-up" ? call.state.name !== "ended" : step === call.step;
}

async function proceed(
  deps: ConversationDeps,
  work: Work,
  before: CallState,
  event: CallEvent,
): Promise<CallState> {
  work.accountId = "caller" in before ? before.caller.accountId : undefined;
  let { state, effect } = advance(before, event);
  while (effect !== undefined) {
    ({ state, effect } = settle(state, await perform(deps, work, effect)));
  }
  if (state.name === "ended" && before.name !== "ended") {
    await log(work, `call-ended:${state.reason}`);
  }
  return state;
}

async function perform(deps: ConversationDeps, work: Work, effect: Effect): Promise<EffectResult> {
  switch (effect.type) {
    case "check-caller":
      return checkCaller(deps, work, effect);
    case "set-new-pin": {
      const made = await giveNewPin(work.tx, deps, effect);
      await log(work, made === undefined ? "wallet-gone" : "new-pin", effect.deviceId);
      if (made === undefined) return { type: "wallet-gone" };
      const { pin, generation, count } = made;
      work.told = { pin, generation, deviceId: effect.deviceId };
      return { type: "pin-set", generation, count };
    }
    case "revoke-wallet": {
      const revoked = await revokeWallet(work.tx, effect);
      await log(work, revoked ? "wallet-revoked" : "wallet-gone", effect.deviceId);
      return { type: revoked ? "wallet-revoked" : "wallet-gone" };
    }
    case "recall-pin": {
      const generation = await pinGeneration(work.tx, effect);
      if (generation === undefined) return { type: "wallet-gone" };
      if (generation !== effect.generation) return { type: "pin-replaced" };
      if (deps.pins.recall(work.callId) === undefined) return { type: "pin-forgotten" };
      await log(work, "pin-repeated", effect.deviceId);
      return { type: "pin-recalled" };
    }
  }
}

async function checkCaller(
  deps: ConversationDeps,
  work: Work,
  given: { readonly telephoneId: string; readonly passcode: string },
): Promise<EffectResult> {
  const result = await identify(work.tx, given, work.now);
  switch (result.outcome) {
    case "known":
      work.accountId = result.caller.accountId;
      await log(work, "caller-known");
      return { type: "caller-known", caller: result.caller };
    case "unknown":
    case "locked-out":
      if (result.capReached) deps.alarm("total-reached");
      // The account of a failure is written down, but the caller is not taken for its holder.
      work.accountId = result.accountId;
      await log(work, result.outcome === "unknown" ? "caller-unknown" : "caller-locked-out");
      work.accountId = undefined;
      return { type: "caller-unknown" };
    case "closed":
      return { type: "service-closed" };
  }
}

function pinToTell(deps: ConversationDeps, { callId, state }: Call): string | undefined {
  if (state.name !== "pin-told") return undefined;
  const told = deps.pins.recall(callId);
  const isIt = told?.deviceId === state.deviceId && told.generation === state.generation;
  return isIt ? told.pin : undefined;
}

function log(work: Work, event: LoggedEvent, deviceId?: string): Promise<void> {
  const { tx, now: at, callId, accountId } = work;
  return logEvent(tx, { at, callId, event, accountId, deviceId });
}
