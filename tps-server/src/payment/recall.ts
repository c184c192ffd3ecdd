/**
 * A request that nobody can open any more: its sealing key has drained and is deleted. If it was judged before, its
 * bytes alone lead to the stored reply; so a wallet that hears `sealing-key-unknown` knows that nothing was paid.
 *
 * It was judged while its key was there, so it is looked for among the payments of that time alone. A key that there
 * never was costs no look at payments at all.
 */
import { decodeRequestForPayment, requestHash } from "@chit/protocol";
import { HttpProblem } from "../http/problem.ts";
import { LIMITS } from "../limits.ts";
import { one, type Queryable } from "../store/database.ts";

/** Whether a request could not be opened for want of its sealing key: only then is it looked for. */
export function isKeyUnknown(error: unknown): boolean {
  return error instanceof HttpProblem && error.code === "sealing-key-unknown";
}

/**
 * The stored reply to these bytes.
 *
 * @param error why they could not be opened
 * @throws `error` again when it is anything but an unknown sealing key, or there is no such reply
 */
export async function recallReply(
  database: Queryable,
  body: Uint8Array,
  error: unknown,
): Promise<Uint8Array> {
  if (!isKeyUnknown(error)) throw error;
  const hash = requestHash(body);
  const reply = (await amongCarried(database, hash)) ?? (await amongKept(database, hash, body));
  if (reply === undefined) throw error;
  return reply;
}

/** Of a device that has not been used since its month was carried. */
async function amongCarried(
  database: Queryable,
  hash: Uint8Array,
): Promise<Uint8Array | undefined> {
  return replyOf(
    await database.query(
      `select d.last_reply
       from carried_payments c join devices d on d.account_id = c.account_id and d.device_id = c.device_id
       where c.request_hash = $1 and d.last_request_hash = $1`,
      [hash],
    ),
  );
}

async function amongKept(
  database: Queryable,
  hash: Uint8Array,
  body: Uint8Array,
): Promise<Uint8Array | undefined> {
  const times = await timesOfKey(database, decodeRequestForPayment(body).keyId);
  if (times === undefined) return undefined;
  return replyOf(
    await database.query(
      `select d.last_reply
       from payments p join devices d on d.account_id = p.account_id and d.device_id = p.device_id
       where p.request_hash = $1 and p.paid_at between $2 and $3 and d.last_request_hash = $1`,
      [hash, times.from, times.until],
    ),
  );
}

function replyOf(rows: readonly { last_reply: Buffer }[]): Uint8Array | undefined {
  const row = one(rows);
  return row && Uint8Array.from(row.last_reply);
}

/** When requests that were sealed to a drained key can have been judged; keys that went unrecorded are under ''. */
async function timesOfKey(
  database: Queryable,
  keyId: string,
): Promise<{ readonly from: number; readonly until: number } | undefined> {
  const row = one(
    await database.query<{ not_before: bigint; last_at: bigint }>(
      `select not_before, last_at from (
         select key_id, not_before, forgotten_at as last_at from forgotten_sealing_keys where key_id in ($1, '')
         union all
         select key_id, not_before, opens_until from keys where key_id = $1 and purpose = 'sealing'
       ) known order by key_id desc limit 1`,
      [keyId],
    ),
  );
  if (row === undefined) return undefined;
  // A key is listed ahead of its time, and clocks of several servers differ.
  const slack = LIMITS.keyLeadSeconds;
  return { from: Number(row.not_before) - slack, until: Number(row.last_at) + slack };
}
