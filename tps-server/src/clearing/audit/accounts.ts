/** Customers' accounts: what their fundings, refunds and payments make of them. */
import { sqlCheck } from "./check.ts";

/** Every movement of every account that is kept, by what it added; denials move nothing. Months that were carried are not in it. */
const MOVEMENTS = `
  select account_id, amount as delta, balance_after, 'funding "' || reference || '"' as what from fundings
  union all
  select account_id, amount, balance_after, 'refund of payment ' || payment_id || ' by order ' || order_id from refunds
  union all
  select account_id, -amount, balance_after, 'payment ' || payment_id from kept_payments where verdict = 'proof'`;

/** Each balance is what came in less what went out. */
export const checkBalances = sqlCheck({
  name: "accounts: fundings + refunds - payments",
  count: "select count(*) as looked from accounts",
  differences: `
    select a.account_id, a.balance, coalesce(m.sum, 0)::text as computed
    from accounts a left join (
      select account_id, sum(delta) as sum from (
        select account_id, delta from (${MOVEMENTS}) kept
        union all select account_id, -spent from carried_payments
      ) moves group by account_id) m
      using (account_id)
    where a.balance <> coalesce(m.sum, 0) order by a.account_id`,
  describe: (row, money) => ({
    subject: `account ${row.account_id}`,
    text: `balance ${money(row.balance ?? null)}, its movements make ${money(row.computed ?? null)}`,
  }),
});

/**
 * Each movement starts where another one ended: as many movements (and the empty account) lead to a balance as start from
 * it (the account's present balance is where none starts). This needs no order among movements of one second.
 */
export const checkChains = sqlCheck({
  name: "accounts: balances after each movement",
  count: `select count(*) as looked from (${MOVEMENTS}) moves`,
  differences: `
    with moves as (${MOVEMENTS}), ends as (
      select account_id, balance_after::numeric as value, 1 as way, what from moves
      union all select account_id, balance_after::numeric - delta, -1, what from moves
      union all select account_id, value, excess, 'what was carried' from carried_ends
      union all select account_id, 0, 1, 'the opening' from accounts
      union all select account_id, balance, -1, 'the present balance' from accounts
    )
    select account_id, value::text, sum(way) as excess, max(what) filter (where way > 0) as leads,
           max(what) filter (where way < 0) as starts
    from ends group by account_id, value having sum(way) <> 0 order by account_id, value`,
  describe: (row, money) => ({
    subject: `account ${row.account_id}`,
    text:
      Number(row.excess) > 0
        ? `${row.leads} leads to ${money(row.value ?? null)}, where nothing goes on`
        : `${row.starts} starts from ${money(row.value ?? null)}, where nothing leads to`,
  }),
});

/** A denial says a balance that the account had. */
export const checkDenials = sqlCheck({
  name: "accounts: balances said in denials",
  count: "select count(*) as looked from kept_payments where verdict = 'denial'",
  differences: `
    select p.account_id, p.payment_id, p.balance_after from kept_payments p
    where p.verdict = 'denial' and p.balance_after <> 0
      and not exists (select 1 from (${MOVEMENTS}) m
                      where m.account_id = p.account_id and m.balance_after = p.balance_after)
      and not exists (select 1 from carried_payments c
                      where c.account_id = p.account_id and c.last_balance = p.balance_after)
    order by p.account_id, p.payment_id`,
  describe: (row, money) => ({
    subject: `account ${row.account_id}`,
    text: `the denial ${row.payment_id} says ${money(row.balance_after ?? null)}, which the account never had`,
  }),
});

/** Each device's transactions are all there, each once, kept or carried; and every payment is of a device that there is. */
export const checkSequences = sqlCheck({
  name: "devices: transaction counts",
  count: "select count(*) as looked from devices",
  differences: `
    with found as (
      select account_id, device_id, sum(transactions) as transactions, sum(counts) as counts, max(last_count) as last_count
      from (
        select account_id, device_id, count(*) as transactions, sum(count) as counts, max(count) as last_count
        from kept_payments group by account_id, device_id
        union all
        select account_id, device_id, transactions, counts, last_count from carried_payments
      ) parts group by account_id, device_id
    )
    select account_id, device_id, coalesce(d.count, 0) as count, coalesce(f.transactions, 0)::text as found
    from devices d full join found f using (account_id, device_id)
    where coalesce(f.transactions, 0) <> coalesce(d.count, 0)
       or coalesce(f.counts, 0) <> coalesce(d.count, 0)::numeric * (coalesce(d.count, 0) - 1) / 2
       or coalesce(f.last_count + 1, 0) <> coalesce(d.count, 0)
    order by account_id, device_id`,
  describe: (row) => ({
    subject: `device ${row.device_id} of account ${row.account_id}`,
    text: `${row.count} transactions were counted, ${row.found} are on record`,
  }),
});

/** What the bank told was credited once, with its amount, where the entry says, and nowhere else. */
export const checkBankEntries = sqlCheck({
  name: "fundings: the bank's entries",
  count: "select count(*) as looked from bank_entries where state = 'credited'",
  differences: `
    select b.entry_id, b.account_id, b.amount, f.amount as funded, null as other
    from bank_entries b left join fundings f on f.account_id = b.account_id and f.reference = b.entry_id
    where b.state = 'credited' and f.amount is distinct from b.amount
    union all
    select b.entry_id, b.account_id, b.amount, f.amount, f.account_id
    from bank_entries b join fundings f on f.reference = b.entry_id and f.account_id is distinct from b.account_id
    where b.state <> 'unmatched'
    order by entry_id, other`,
  describe: (row, money) => ({
    subject: `bank entry ${row.entry_id}`,
    text:
      row.other === null
        ? `${money(row.amount ?? null)} arrived for account ${row.account_id}, ${row.funded === null ? "nothing" : money(row.funded ?? null)} was credited`
        : `${money(row.funded ?? null)} was credited to account ${row.other}, though the entry was ${row.account_id === null ? "sent back" : `credited to account ${row.account_id}`}`,
  }),
});
