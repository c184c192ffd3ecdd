/** How the telephone service knows an account's holder: telephone id and passcode. */
import type { TpsDeps } from "../deps.ts";
import { randomDigits } from "../identifiers.ts";
import { LIMITS } from "../limits.ts";
import { logOperation } from "../operator-log.ts";
import { one } from "../store/database.ts";
import { lockAccount, unknownAccount } from "./accounts.ts";
import { hashPasscode } from "./passcode.ts";

/** What the holder keys in. The passcode is shown once and stored hashed. */
export interface TelephoneAccess {
  readonly telephoneId: string;
  readonly telephonePasscode: string;
}

/**
 * A new telephone passcode for an account whose holder lost the old one or told it to somebody. The telephone id
 * stays; failed attempts are forgotten and a lock-out ends. Whoever is in a call with the old passcode is in it no more.
 *
 * @throws {OperatorError} `account-unknown`, `setting-invalid`
 */
export async function renewPasscode(deps: TpsDeps, accountId: string): Promise<TelephoneAccess> {
  const telephonePasscode = randomDigits(deps.platform, LIMITS.telephoneDigits);
  const hash = await hashPasscode(deps.platform, telephonePasscode);
  const access = await deps.database.transaction(async (tx) => {
    await lockAccount(tx, accountId);
    const row = one(
      await tx.query<{ telephone_id: string }>(
        `update telephone_access set passcode_hash = $2, failed_attempts = 0, locked_until = 0
         where account_id = $1 returning telephone_id`,
        [accountId, hash],
      ),
    );
    if (row === undefined) throw unknownAccount(accountId);
    await logOperation(deps, tx, "account passcode", accountId);
    return { telephoneId: row.telephone_id, telephonePasscode };
  });
  await endCalls(deps, accountId);
  return access;
}

/**
 * Ends the calls in which the account's holder was identified. In a transaction of its own, once the new passcode is
 * committed: so none is begun with the old one behind its back, and calls lock their own row before the account's.
 */
async function endCalls(deps: TpsDeps, accountId: string): Promise<void> {
  await deps.database.query(
    `with ended as (
       delete from vru_calls where account_id = $1 returning call_id, state ->> 'name' as state
     )
     insert into vru_log (at, call_id, account_id, event)
     select $2, call_id, $1, 'call-ended:passcode-renewed' from ended where state <> 'ended'`,
    [accountId, deps.platform.nowSeconds()],
  );
}
