/** Money that came to an account, as its devices read it: paid in, and given back. */
import { type AccountMovement, LIMITS } from "@chit/protocol";
import type { Queryable } from "../store/database.ts";

/** One page of what came to an account. */
interface MovementsPage {
  readonly movements: AccountMovement[];
  /** How many were told by now, as text: rows are only ever added behind the last one, so it stays true. */
  readonly next: string;
  readonly more: boolean;
}

interface MovementRow {
  kind: AccountMovement["kind"];
  at: bigint;
  amount: bigint;
  balance_after: bigint;
  reference: string;
  payment_id: string;
  order_id: string;
  merchant_id: string;
  transaction_number: string;
}

/**
 * The movements behind the cursor `after`, oldest first. A cursor that this TPS did not give counts as none.
 *
 * `movement` numbers are given while the account's row is locked, so that one account's rows become visible in
 * their order; the numbers themselves are of all accounts together and are told to nobody.
 */
export async function tellMovements(
  database: Queryable,
  accountId: string,
  after: string | null,
): Promise<MovementsPage> {
  const told = after !== null && /^[0-9]{1,15}$/.test(after) ? Number(after) : 0;
  const rows = await database.query<MovementRow>(
    `select * from (
       select movement, 'funding' as kind, funded_at as at, amount, balance_after, reference,
              null as payment_id, null as order_id, null as merchant_id, null as transaction_number
         from fundings where account_id = $1
       union all
       select movement, 'refund', refunded_at, amount, balance_after, null,
              payment_id, order_id, merchant_id, transaction_number
         from refunds where account_id = $1
     ) moved order by movement offset $2 limit $3`,
    [accountId, told, LIMITS.movementsTold + 1],
  );
  const movements = rows.slice(0, LIMITS.movementsTold).map(toMovement);
  return {
    movements,
    next: String(told + movements.length),
    more: rows.length > LIMITS.movementsTold,
  };
}

function toMovement(row: MovementRow): AccountMovement {
  const moved = { at: Number(row.at), amount: row.amount, balanceAfter: row.balance_after };
  switch (row.kind) {
    case "funding":
      return { kind: "funding", ...moved, reference: row.reference };
    case "refund":
      return {
        kind: "refund",
        ...moved,
        paymentId: row.payment_id,
        orderId: row.order_id,
        merchantId: row.merchant_id,
        transactionNumber: row.transaction_number,
      };
  }
}
