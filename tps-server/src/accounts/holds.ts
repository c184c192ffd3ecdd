/**
 * Holds: while the operator or the account's holder has one in force, no payment passes. The holder's is placed
 * and lifted by telephone (vru/); neither lifts the other's.
 */
import type { TpsDeps } from "../deps.ts";
import { logOperation } from "../operator-log.ts";
import { one } from "../store/database.ts";
import { lockAccount } from "./accounts.ts";

/** Who holds an account; nobody when both are false. */
export interface Holds {
  readonly byOperator: boolean;
  readonly byHolder: boolean;
}

/**
 * Places or lifts the operator's hold. The holder's own stays, unless it is named as well.
 *
 * @param holdersToo lifts the holder's own hold too: they cannot telephone, and have shown you who they are
 * @returns the holds that are in force now
 * @throws {OperatorError} `account-unknown`
 */
export async function setAccountStatus(
  deps: TpsDeps,
  accountId: string,
  status: "active" | "held",
  holdersToo = false,
): Promise<Holds> {
  return deps.database.transaction(async (tx) => {
    await lockAccount(tx, accountId);
    const held = status === "held";
    const lifted = holdersToo && !held;
    const row = one(
      await tx.query<{ byOperator: boolean; byHolder: boolean }>(
        `update accounts set held_by_operator = $2, held_by_holder = held_by_holder and not $3
         where account_id = $1
         returning held_by_operator as "byOperator", held_by_holder as "byHolder"`,
        [accountId, held, lifted],
      ),
    );
    const action = held ? "account hold" : "account release";
    await logOperation(deps, tx, action, accountId, lifted ? { holders: "lifted too" } : {});
    return row ?? { byOperator: held, byHolder: false };
  });
}
