/** Merchants' books: copies of payments, refunds, and what both make of merchants' accounts. */
import { sqlCheck } from "./check.ts";

/** Every payment that is old enough was copied once, as it is; and nothing was copied that is no payment. */
export const checkCopies = sqlCheck({
  name: "merchants: payments as they were collected",
  count: `select count(*) as looked from kept_payments p, collection c
          where p.verdict = 'proof' and p.paid_at < c.collected_until`,
  differences: `
    select coalesce(p.payment_id, mp.payment_id) as payment_id, p.amount, mp.amount as copied,
           p.merchant_id is null as no_payment, mp.merchant_id is null as no_copy
    from (select * from kept_payments where verdict = 'proof') p
    full join (select * from merchant_payments
               where paid_at >= (select carried_until from collection)) mp on mp.payment_id = p.payment_id and mp.account_id = p.account_id
    cross join collection c
    where (mp.payment_id is null and p.paid_at < c.collected_until)
       or p.payment_id is null
       or (p.merchant_id, p.transaction_number, p.device_id, p.amount, p.quote_hash, p.paid_at)
          is distinct from (mp.merchant_id, mp.transaction_number, mp.device_id, mp.amount, mp.quote_hash, mp.paid_at)
          and mp.payment_id is not null
    order by 1`,
  describe: (row, money) => ({
    subject: `payment ${row.payment_id}`,
    text: row.no_payment
      ? `${money(row.copied ?? null)} stand in the merchant's books, and nobody paid them`
      : row.no_copy
        ? `${money(row.amount ?? null)} were paid, and are missing in the merchant's books`
        : `the merchant's books say another number, amount, time, quote or device (${money(row.copied ?? null)}; paid: ${money(row.amount ?? null)})`,
  }),
});

/** Each merchant's account is what was settled, less fees, refunds and payouts. */
export const checkMerchantAccounts = sqlCheck({
  name: "merchants: settled - fees - refunds - payouts",
  count: "select count(*) as looked from merchants",
  differences: `
    with sums as (
      select merchant_id, sum(delta) as computed from (
        select merchant_id, amount - fee as delta from merchant_payments where state = 'settled'
        union all select merchant_id, -amount from refunds
        union all select merchant_id, -amount from payouts where state <> 'failed'
      ) moves group by merchant_id
    )
    select m.merchant_id, m.name, coalesce(a.balance, 0) as balance, coalesce(s.computed, 0)::text as computed
    from merchants m left join merchant_accounts a using (merchant_id) left join sums s using (merchant_id)
    where coalesce(a.balance, 0) <> coalesce(s.computed, 0) order by m.merchant_id`,
  describe: (row, money) => ({
    subject: `merchant ${row.merchant_id}`,
    text: `balance ${money(row.balance ?? null)} of ${row.name}, its records make ${money(row.computed ?? null)}`,
  }),
});

/** Of each payment as much was given back as its refunds say, never more than was paid. */
export const checkRefundSums = sqlCheck({
  name: "refunds: of each payment, not more than paid",
  count: "select count(distinct (account_id, payment_id)) as looked from refunds",
  differences: `
    select coalesce(mp.payment_id, r.payment_id) as payment_id, mp.amount, mp.refunded, coalesce(r.sum, 0)::text as sum
    from merchant_payments mp full join
         (select merchant_id, payment_id, sum(amount) as sum from refunds group by merchant_id, payment_id) r
      on r.merchant_id = mp.merchant_id and r.payment_id = mp.payment_id
    where mp.payment_id is null or mp.refunded <> coalesce(r.sum, 0) or coalesce(r.sum, 0) > mp.amount
    order by 1`,
  describe: (row, money) => ({
    subject: `payment ${row.payment_id}`,
    text:
      row.amount === null
        ? `${money(row.sum ?? null)} were given back of a payment that the merchant's books do not have`
        : `${money(row.sum ?? null)} of ${money(row.amount ?? null)} were given back, the merchant's books say ${money(row.refunded ?? null)}`,
  }),
});

/** Each refund went to who had paid, and rests on an order of the merchant's or on a decision of the operator's. */
export const checkRefundReasons = sqlCheck({
  name: "refunds: payer and order of each",
  count: "select count(*) as looked from refunds",
  differences: `
    select r.payment_id, r.order_id, r.amount, r.account_id,
           (o.order_id is null and h.payment_id is null) as no_order
    from refunds r
    left join merchant_payments mp on mp.merchant_id = r.merchant_id and mp.payment_id = r.payment_id
    left join refund_orders o on o.merchant_id = r.merchant_id and o.order_id = r.order_id
         and o.outcome is distinct from 'refused'
    left join held_payments h on h.merchant_id = r.merchant_id and h.payment_id = r.payment_id and h.decision = 'refunded'
    where (o.order_id is null and h.payment_id is null)
       or mp.account_id <> r.account_id or mp.transaction_number <> r.transaction_number
       or o.transaction_number <> r.transaction_number
    order by r.payment_id, r.order_id`,
  describe: (row, money) => ({
    subject: `refund of payment ${row.payment_id} by order ${row.order_id}`,
    text: row.no_order
      ? `${money(row.amount ?? null)} were given back, and nobody ordered it`
      : `${money(row.amount ?? null)} went to account ${row.account_id}, which had not paid this, or belong to another transaction number`,
  }),
});

/** Of no payment more is given back than the largest order for its number says. */
export const checkRefundShares = sqlCheck({
  name: "refunds: not more than was ordered",
  count: "select count(*) as looked from merchant_payments where refunded > 0",
  differences: `
    select mp.payment_id, mp.amount, mp.refunded, coalesce(max(div(mp.amount::numeric * o.refunded, o.of_amount)), 0)::text as ordered
    from merchant_payments mp
    left join refund_orders o on o.merchant_id = mp.merchant_id and o.transaction_number = mp.transaction_number
         and o.outcome is distinct from 'refused'
    where mp.refunded > 0
      and not exists (select 1 from held_payments h where h.merchant_id = mp.merchant_id
                      and h.payment_id = mp.payment_id and h.decision = 'refunded')
    group by mp.merchant_id, mp.payment_id
    having mp.refunded > coalesce(max(div(mp.amount::numeric * o.refunded, o.of_amount)), 0)
    order by mp.payment_id`,
  describe: (row, money) => ({
    subject: `payment ${row.payment_id}`,
    text: `${money(row.refunded ?? null)} were given back, ${money(row.ordered ?? null)} were ordered`,
  }),
});

/** Each order gave back what its refunds make. */
export const checkOrders = sqlCheck({
  name: "refunds: what each order gave back",
  count: "select count(*) as looked from refund_orders",
  differences: `
    select o.order_id, o.given, coalesce(r.sum, 0)::text as sum
    from refund_orders o
    left join (select merchant_id, order_id, sum(amount) as sum from refunds group by merchant_id, order_id) r
      using (merchant_id, order_id)
    where o.given <> coalesce(r.sum, 0) order by o.order_id`,
  describe: (row, money) => ({
    subject: `refund order ${row.order_id}`,
    text: `says that it gave back ${money(row.given ?? null)}, its refunds make ${money(row.sum ?? null)}`,
  }),
});
