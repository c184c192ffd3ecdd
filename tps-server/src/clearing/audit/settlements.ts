/** Settlements: reports against the records of their cycle, and payouts against both. */
import { sqlCheck } from "./check.ts";

/** Each report's sums are those of the payments and refunds of its cycle. */
export const checkReportSums = sqlCheck({
  name: "reports: sums of payments, fees, refunds, held back",
  count: "select count(*) as looked from settlement_reports",
  differences: `
    with settled as (
      select merchant_id, cycle, count(*) as count, sum(amount) as amount, sum(fee) as fees
      from merchant_payments where state = 'settled' group by merchant_id, cycle
    ), given as (
      select merchant_id, cycle, count(*) as count, sum(amount) as amount
      from refunds where cycle is not null group by merchant_id, cycle
    ), held as (
      select h.merchant_id, h.cycle, count(*) as count, sum(mp.amount) as amount
      from held_payments h join merchant_payments mp using (merchant_id, payment_id) group by h.merchant_id, h.cycle
    ), returned as (
      select merchant_id, returned_cycle as cycle, count(*) as count, sum(amount) as amount
      from payouts where returned_cycle is not null group by merchant_id, returned_cycle
    ), cycles as (
      select merchant_id, cycle from settlement_reports union select merchant_id, cycle from settled
      union select merchant_id, cycle from given union select merchant_id, cycle from returned
      union select merchant_id, cycle from payouts
    )
    select merchant_id, cycle, r.cycle is null as no_report,
           concat_ws(', ',
             case when (r.payments_count, r.payments) is distinct from (coalesce(s.count, 0), coalesce(s.amount, 0))
                  then 'payments' end,
             case when r.fees is distinct from coalesce(s.fees, 0) then 'fees' end,
             case when (r.refunds_count, r.refunds) is distinct from (coalesce(g.count, 0), coalesce(g.amount, 0))
                  then 'refunds' end,
             case when (r.held_count, r.held) is distinct from (coalesce(h.count, 0), coalesce(h.amount, 0))
                  then 'held back' end,
             case when (r.returned_count, r.returned) is distinct from (coalesce(b.count, 0), coalesce(b.amount, 0))
                  then 'returned payouts' end,
             case when r.payout is distinct from coalesce(p.amount, 0) then 'payout' end) as what
    from cycles
    left join settlement_reports r using (merchant_id, cycle)
    left join settled s using (merchant_id, cycle) left join given g using (merchant_id, cycle)
    left join held h using (merchant_id, cycle) left join returned b using (merchant_id, cycle)
    left join payouts p using (merchant_id, cycle)
    where r.cycle is null
       or (r.payments_count, r.payments, r.fees) is distinct from (coalesce(s.count, 0), coalesce(s.amount, 0), coalesce(s.fees, 0))
       or (r.refunds_count, r.refunds) is distinct from (coalesce(g.count, 0), coalesce(g.amount, 0))
       or (r.held_count, r.held) is distinct from (coalesce(h.count, 0), coalesce(h.amount, 0))
       or (r.returned_count, r.returned) is distinct from (coalesce(b.count, 0), coalesce(b.amount, 0))
       or r.payout is distinct from coalesce(p.amount, 0)
    order by merchant_id, cycle`,
  describe: (row) => ({
    subject: `report ${row.cycle} of merchant ${row.merchant_id}`,
    text: row.no_report
      ? "is missing, though something was settled for the merchant in this cycle"
      : `is not what the records make: ${row.what}`,
  }),
});

/** Each report goes on from where the one before ended. */
export const checkReportChains = sqlCheck({
  name: "reports: opening is the closing before",
  count: "select count(*) as looked from settlement_reports",
  differences: `
    select merchant_id, cycle, opening, coalesce(closing_before, 0) as closing_before from (
      select merchant_id, cycle, opening, previous,
             lag(closing) over w as closing_before, lag(cycle) over w as cycle_before
      from settlement_reports window w as (partition by merchant_id order by cycle)
    ) chained
    where opening <> coalesce(closing_before, 0) or previous <> coalesce(cycle_before, 0)
    order by merchant_id, cycle`,
  describe: (row, money) => ({
    subject: `report ${row.cycle} of merchant ${row.merchant_id}`,
    text: `opens with ${money(row.opening ?? null)}, the one before closes with ${money(row.closing_before ?? null)}; or names another one`,
  }),
});

/** What was held back and not decided about is neither settled nor lost. */
export const checkHeld = sqlCheck({
  name: "payments held back: state and decision",
  count: "select count(*) as looked from held_payments",
  differences: `
    select payment_id, mp.state, h.decision from merchant_payments mp full join held_payments h using (merchant_id, payment_id)
    where (mp.state = 'held-back') is distinct from (h.payment_id is not null and h.decision is null)
       or (h.decision = 'refunded' and mp.refunded <> mp.amount)
    order by payment_id`,
  describe: (row) => ({
    subject: `payment ${row.payment_id}`,
    text: `is ${row.state}, ${row.decision === null ? "and nobody decided so" : `though it was ${row.decision}`}`,
  }),
});
