/** The calls under way, and the audit record: tables `vru_calls` and `vru_log`. */
import { parseValue } from "@chit/protocol";
import { one, type Queryable } from "../store/database.ts";
import { type CallState, callStateSchema, FIRST_STATE } from "./call-state.ts";
import { VRU_LIMITS } from "./limits.ts";

/** A call between two webhooks. */
export interface Call {
  readonly callId: string;
  /** Number of the document that the carrier was given last. */
  readonly step: number;
  readonly state: CallState;
}

/** What is written down of a call; `balance-heard` and `payments-heard` the database writes itself. */
export type LoggedEvent =
  | "call-began"
  | "caller-known"
  | "caller-unknown"
  | "caller-locked-out"
  | "new-pin"
  | "wallet-revoked"
  | "wallet-gone"
  | "pin-repeated"
  | "count-heard"
  | "hold-placed"
  | "hold-lifted"
  | "case-opened"
  | "case-recorded"
  | "handed-over"
  /** Too many failures from this caller's number. */
  | "caller-throttled"
  /** A call that nobody finished: the carrier never said that the caller hung up. */
  | "call-lost"
  | `call-ended:${string}`;

/**
 * The call, locked until the transaction ends: two webhooks of one call come one after another.
 *
 * @returns undefined when there is none, or it is too old
 * @throws {ChitError} `malformed-message` when the stored state is of no known form
 */
export async function lockCall(
  tx: Queryable,
  callId: string,
  now: number,
): Promise<Call | undefined> {
  const row = one(
    await tx.query<{ step: number; state: unknown }>(
      "select step, state from vru_calls where call_id = $1 and expires_at > $2 for update",
      [callId, now],
    ),
  );
  if (row === undefined) return undefined;
  return { callId, step: row.step, state: parseValue(callStateSchema, row.state) };
}

/** Begins a call; undefined when it has begun already (the carrier asked twice at once). */
export async function beginCall(
  tx: Queryable,
  callId: string,
  now: number,
): Promise<Call | undefined> {
  const call: Call = { callId, step: 1, state: FIRST_STATE };
  const inserted = await tx.query(
    `insert into vru_calls (call_id, step, state, expires_at) values ($1, $2, $3, $4)
     on conflict (call_id) do nothing returning call_id`,
    [callId, call.step, JSON.stringify(call.state), now + VRU_LIMITS.callSeconds],
  );
  return inserted.length === 0 ? undefined : call;
}

/** Saves the next state of a call. Its life begins anew when the caller is connected with the operator. */
export async function saveCall(
  tx: Queryable,
  { callId, step, state }: Call,
  now: number,
): Promise<void> {
  const accountId = "caller" in state ? state.caller.accountId : null;
  const { callSeconds, operatorSeconds } = VRU_LIMITS;
  const expiresAt = state.name === "handed-over" ? now + operatorSeconds + callSeconds : 0;
  await tx.query(
    `update vru_calls
     set step = $2, state = $3, account_id = coalesce($4, account_id), expires_at = greatest(expires_at, $5)
     where call_id = $1`,
    [callId, step, JSON.stringify(state), accountId, expiresAt],
  );
}

/** Adds to the audit record. */
export async function logEvent(
  tx: Queryable,
  entry: {
    readonly at: number;
    readonly callId: string;
    readonly event: LoggedEvent;
    readonly accountId?: string | undefined;
    readonly deviceId?: string | undefined;
  },
): Promise<void> {
  const { at, callId, event, accountId = null, deviceId = null } = entry;
  await tx.query(
    "insert into vru_log (at, call_id, account_id, device_id, event) values ($1, $2, $3, $4, $5)",
    [at, callId, accountId, deviceId, event],
  );
}

/** Removes what is too old, and writes down the calls that nobody finished. */
export async function sweepCalls(tx: Queryable, now: number): Promise<void> {
  await tx.query(
    `with gone as (
       delete from vru_calls where expires_at <= $1
       returning call_id, account_id, state ->> 'name' as state
     )
     insert into vru_log (at, call_id, account_id, event)
     select $1, call_id, account_id, 'call-lost' from gone where state <> 'ended'`,
    [now],
  );
}
