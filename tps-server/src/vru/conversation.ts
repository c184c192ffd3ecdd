/**
 * One webhook of a carrier, from the caller's keys to what the caller hears next. Everything it does happens in
 * one transaction that is committed before anything is said: a guess is counted, a PIN is set, a case is
 * opened, and the call has moved on, or none of it.
 */
import type { Database, Queryable } from "../store/database.ts";
import { attachRecording, type Recording, readBalance, readMovements } from "./account.ts";
import type { Alarm } from "./alarms.ts";
import { advance, settle } from "./call.ts";
import type { CallState } from "./call-state.ts";
import type { CallEvent } from "./call-step.ts";
import { beginCall, type Call, lockCall, saveCall } from "./call-store.ts";
import { type EffectDeps, log, perform, type Work } from "./effects.ts";
import { scriptOf } from "./script.ts";
import type { Script, Setting } from "./script-parts.ts";
import { callerBucket } from "./throttle.ts";

/** What conversations need. */
export interface ConversationDeps extends EffectDeps {
  /** Connected as the role `chit_vru`. */
  readonly database: Database;
  /** What is the same in all calls. */
  readonly service: Pick<Setting, "operator" | "operatorNumber" | "money" | "timeZone">;
  /** Under which caller ids are hidden; the database does not know it. */
  readonly throttleSecret: string;
  /** Calls the operator, who finds the same in the table of alarms. */
  readonly alarm: (alarm: Alarm) => void;
}

/** What a carrier tells. */
export interface Webhook {
  readonly callId: string;
  /** Number of the document that this answers; undefined at the beginning of a call. */
  readonly step: number | undefined;
  readonly event: CallEvent;
  /** The number that the call comes from, as the carrier believes: to throttle with, and for nothing else. */
  readonly callerId: string | undefined;
  /** What was said after the tone. */
  readonly recording: Recording | undefined;
}

/** What is said next, and the number of that document. */
export interface Answer {
  readonly step: number;
  readonly script: Script;
}

/** What was read for a state that tells it. */
type Facts = Pick<Setting, "balance" | "movements">;

const EXPIRED: CallState = { name: "ended", language: null, reason: "expired" };
const NO_FACTS: Facts = { balance: undefined, movements: undefined };

/** Answers a webhook. A webhook that comes again, or comes late, changes nothing and hears the same again. */
export async function converse(deps: ConversationDeps, webhook: Webhook): Promise<Answer> {
  const { callId } = webhook;
  const now = deps.platform.nowSeconds();
  const { call, facts, work } = await deps.database.transaction(async (tx) => {
    const caller = callerBucket(deps.throttleSecret, webhook.callerId, now);
    const begun: Work = {
      tx,
      now,
      callId,
      caller,
      accountId: undefined,
      told: undefined,
      alarms: [],
    };
    await keepRecording(begun, webhook);
    const next = await nextOf(deps, begun, webhook);
    return { call: next, facts: await readFacts(tx, next, now), work: begun };
  });
  for (const alarm of work.alarms) deps.alarm(alarm);
  if (work.told !== undefined) deps.pins.remember(callId, work.told);
  if (call.state.name !== "pin-told") deps.pins.forget(callId);
  const setting = { ...deps.service, ...facts, now, pin: pinToTell(deps, call) };
  return { step: call.step, script: scriptOf(call.state, setting) };
}

/**
 * Carriers send a recording when the tone's question is answered, and also when the caller has hung up meanwhile, perhaps
 * after they told the end of the call: so it does not depend on where the call is.
 */
async function keepRecording(work: Work, { callId, recording }: Webhook): Promise<void> {
  if (recording === undefined) return;
  work.accountId = await attachRecording(work.tx, callId, recording, work.now);
  if (work.accountId !== undefined) await log(work, "case-recorded");
}

/** Where the call is when this webhook is answered. */
async function nextOf(deps: ConversationDeps, work: Work, webhook: Webhook): Promise<Call> {
  const found = await findCall(work, webhook);
  if (found === undefined) return { callId: work.callId, step: 1, state: EXPIRED };
  if (!isDue(found, webhook)) return found;
  const state = await proceed(deps, work, found.state, webhook.event);
  const next: Call = { callId: work.callId, step: found.step + 1, state };
  await saveCall(work.tx, next, work.now);
  return next;
}

async function findCall(work: Work, { callId, step, event }: Webhook): Promise<Call | undefined> {
  const call = await lockCall(work.tx, callId, work.now);
  if (call !== undefined) return call;
  if (step !== undefined || event.type === "hung-up") return undefined;
  const begun = await beginCall(work.tx, callId, work.now);
  if (begun === undefined) return lockCall(work.tx, callId, work.now);
  work.accountId = undefined;
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
  const offer = { operator: deps.service.operatorNumber !== undefined };
  let { state, effect } = advance(before, event, offer);
  while (effect !== undefined) {
    ({ state, effect } = settle(state, await perform(deps, work, effect)));
  }
  if (state.name === "ended" && before.name !== "ended") {
    await log(work, `call-ended:${state.reason}`);
  }
  return state;
}

/** Read anew whenever it is said, so that none of it is kept with the call; each reading is on record. */
async function readFacts(tx: Queryable, { callId, state }: Call, now: number): Promise<Facts> {
  switch (state.name) {
    case "balance-told":
      return { ...NO_FACTS, balance: await readBalance(tx, callId, now) };
    case "payments-told":
      return { ...NO_FACTS, movements: await readMovements(tx, callId, now) };
    default:
      return NO_FACTS;
  }
}

function pinToTell(deps: ConversationDeps, { callId, state }: Call): string | undefined {
  if (state.name !== "pin-told") return undefined;
  const told = deps.pins.recall(callId);
  const isIt = told?.deviceId === state.deviceId && told.generation === state.generation;
  return isIt ? told.pin : undefined;
}
