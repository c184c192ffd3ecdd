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
 * stays; failed attempts are forgotten and a lock-out ends. Calls under way go on.
 *
 * @throws {OperatorError} `account-unknown`, `setting-invalid`
 */
export async function renewPasscode(deps: TpsDeps, accountId: string): Promise<TelephoneAccess> {
  const telephonePasscode = randomDigits(deps.platform, LIMITS.telephoneDigits);
  const hash = await hashPasscode(deps.platform, telephonePasscode);
  return deps.database.transaction(async (tx) => {
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
}
