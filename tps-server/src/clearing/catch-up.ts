/**
 * Where accounts are on other servers (docs/SCALING.md), a refund is committed at the account before it is in the
 * merchant's books; a crash in between leaves the books behind. What stands at the account counts: whoever refunds next
 * brings the books up to it first, so that nothing is given back twice.
 */
import type { Queryable } from "../store/database.ts";

const BEHIND = `
  select p.payment_id, sum(r.amount)::bigint - p.refunded as missing
    from merchant_payments p
    join refunds r on r.account_id = p.account_id and r.payment_id = p.payment_id
   where p.merchant_id = $1 and p.payment_id = any($2::text[]) and r.account_id = any($3::text[])
   group by p.payment_id, p.refunded having sum(r.amount) > p.refunded`;

const CATCH_UP = `
  with behind as (${BEHIND}), debited as (
    update merchant_accounts set balance = balance - (select coalesce(sum(missing), 0)::bigint from behind)
     where merchant_id = $1
  ), counted as (
    update refund_orders o set given = told.amount
      from (select order_id, sum(amount)::bigint as amount from refunds
             where merchant_id = $1 and order_id in (
               select order_id from refunds
                where account_id = any($3::text[]) and payment_id in (select payment_id from behind))
             group by order_id) told
     where o.merchant_id = $1 and o.order_id = told.order_id
  )
  update merchant_payments p set refunded = p.refunded + b.missing
    from behind b where p.merchant_id = $1 and p.payment_id = b.payment_id`;

/**
 * Brings the books of payments up to what their accounts were given back.
 *
 * @param tx has the merchant's account and these payments locked
 * @returns whether they were behind; then they must be read again
 */
export async function catchUpWithRefunds(
  tx: Queryable,
  merchantId: string,
  payments: readonly { readonly payment_id: string; readonly account_id: string }[],
): Promise<boolean> {
  const which = [
    merchantId,
    payments.map((payment) => payment.payment_id),
    payments.map((payment) => payment.account_id),
  ];
  const behind = await tx.query(BEHIND, which);
  if (behind.length === 0) return false;
  await tx.query(CATCH_UP, which);
  return true;
}
