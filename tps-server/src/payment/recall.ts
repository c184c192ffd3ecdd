/**
 * A request that nobody can open any more: its sealing key has drained and is deleted. If it was judged before, its
 * bytes alone lead to the stored reply; so a wallet that hears `sealing-key-unknown` knows that nothing was paid.
 */
import { requestHash } from "@chit/protocol";
import { HttpProblem } from "../http/problem.ts";
import { one, type Queryable } from "../store/database.ts";

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
  if (!(error instanceof HttpProblem && error.code === "sealing-key-unknown")) throw error;
  const row = one(
    await database.query<{ last_reply: Buffer }>(
      `select d.last_reply
       from payments p join devices d on d.account_id = p.account_id and d.device_id = p.device_id
       where p.request_hash = $1 and d.last_request_hash = $1`,
      [requestHash(body)],
    ),
  );
  if (row === undefined) throw error;
  return Uint8Array.from(row.last_reply);
}
