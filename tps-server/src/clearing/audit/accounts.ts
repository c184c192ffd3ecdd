/** Customers' accounts: what their fundings, refunds and payments make of them. */
import { sqlCheck } from "./check.ts";

/** Every movement of every account, by what it added; denials move nothing. */
const MOVEMENTS = `
  select account_id, amount as delta, balance_after, 'funding "' || reference || '"' as what from fundings
  union all
  select account_id, amount, balance_after, 'refund of payment ' || payment_id || ' by order ' || order_id from refunds
  union all
  select account_id, -amount, balance_after, 'payment ' || payment_id from payments where verdict = 'proof'`;

/** Each balance is what came in less what went out. */
export const checkBalances = sqlCheck({
  name: "accounts: fundings + refunds - payments",
  count: "select count(*) as looked from accounts",
  differences: `
    select a.account_id, a.balance, coalesce(m.sum, 0)::text as computed
    from accounts a left join (select account_id, sum(delta) as sum from (${MOVEMENTS}) moves group by account_id) m
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
      union all select account_id, 0, 1, 'the opening' from accounts
      union all select account_id, balance, -1, 'the present balance' from accounts
    )
    select account_id, value::text, sum(way) as excess, max(what) filter (where way = 1) as leads,
           max(what) filter (where way = -1) as starts
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
  count: "select count(*) as looked from payments where verdict = 'denial'",
  differences: `
    select p.account_id, p.payment_id, p.balance_after from payments p
    where p.verdict = 'denial' and p.balance_after <> 0
      and not exists (select 1 from (${MOVEMENTS}) m
                      where m.account_id = p.account_id and m.balance_after = p.balance_after)
    order by p.account_id, p.payment_id`,
  describe: (row, money) => ({
    subject: `account ${row.account_id}`,
    text: `the denial ${row.payment_id} says ${money(row.balance_after ?? null)}, which the account never had`,
  }),
});

/** Each device's transactions are all there: a deleted payment is missed. */
export const checkSequences = sqlCheck({
  name: "devices: transaction counts",
  count: "select count(*) as looked from devices",
  differences: `
    select d.account_id, d.device_id, d.count, count(p.payment_id) as found
    from devices d left join payments p on p.account_id = d.account_id and p.device_id = d.device_id
    group by d.account_id, d.device_id
    having count(p.payment_id) <> d.count or coalesce(max(p.count) + 1, 0) <> d.count
    order by d.account_id, d.device_id`,
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
