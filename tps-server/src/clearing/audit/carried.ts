/** Months that were carried: what their payments add up to, against the merchants' books, which stay. */
import { sqlCheck } from "./check.ts";

/** Of each account as much was carried as the merchants' books have of that time, and all of it is settled. */
export const checkCarried = sqlCheck({
  name: "payments: months that were carried",
  count: "select coalesce(sum(payments), 0)::bigint as looked from carried_partitions",
  differences: `
    with carried as (
      select account_id, sum(proofs) as proofs, sum(spent) as spent from carried_payments group by account_id
    ), copied as (
      select account_id, count(*) as proofs, sum(amount) as spent, bool_and(state = 'settled') as settled
      from merchant_payments where paid_at < (select carried_until from collection) group by account_id
    )
    select account_id, coalesce(c.spent, 0)::text as spent, coalesce(m.spent, 0)::text as copied
    from carried c full join copied m using (account_id)
    where (coalesce(c.proofs, 0), coalesce(c.spent, 0)) <> (coalesce(m.proofs, 0), coalesce(m.spent, 0))
       or not coalesce(m.settled, true)
    union all
    select null, sums.spent::text, signed.spent::text
    from (select coalesce(sum(transactions), 0) as payments, coalesce(sum(proofs), 0) as proofs, coalesce(sum(spent), 0) as spent from carried_payments) sums,
         (select coalesce(sum(payments), 0) as payments, coalesce(sum(proofs), 0) as proofs, coalesce(sum(spent), 0) as spent from carried_partitions) signed
    where (sums.payments, sums.proofs, sums.spent) <> (signed.payments, signed.proofs, signed.spent)
    order by 1`,
  describe: (row, money) => ({
    subject: row.account_id === null ? "months that were carried" : `account ${row.account_id}`,
    text:
      row.account_id === null
        ? `${money(row.spent ?? null)} are carried for all devices, ${money(row.copied ?? null)} were signed off, or another number of payments`
        : `${money(row.spent ?? null)} are carried, the merchants' books have ${money(row.copied ?? null)} of that time, or not all of it is settled`,
  }),
});
