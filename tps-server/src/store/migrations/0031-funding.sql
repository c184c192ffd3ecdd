-- Paying in by bank transfer: what an account holder writes on the transfer, where to send it, and what the bank said
-- has arrived.

-- An ISO 11649 creditor reference, with check digits against typing errors. No secret. Accounts that programs of the
-- operator's own made may have none.
alter table accounts add column funding_reference text unique check (funding_reference ~ '^RF[0-9]{14}$');

-- RF, two check digits (ISO 7064 MOD 97-10), twelve random digits.
update accounts set funding_reference = 'RF' || lpad((98 - (drawn.digits || '271500')::numeric % 97)::text, 2, '0') || drawn.digits
  from (select account_id, lpad(floor(random() * 1e12)::bigint::text, 12, '0') as digits from accounts) drawn
 where accounts.account_id = drawn.account_id;

-- The operator's own bank account, as `funding bank` sets it.
alter table issuer
  add column bank_holder text,
  add column bank_iban text,
  add column bank_bic text,
  -- Anything else that those who pay in should know.
  add column bank_text text,
  add check ((bank_holder is null) = (bank_iban is null));

-- Money that arrived at the bank, by the bank's own name for it, so that it is credited once, however often and in
-- whatever way it is told. `account_id`: null until it is known whose it is.
create table bank_entries (
  entry_id text primary key,
  amount bigint not null check (amount > 0),
  booked_at bigint not null,
  -- What the payer wrote.
  text text not null,
  source text not null check (source in ('csv', 'camt.053', 'api')),
  state text not null check (state in ('credited', 'unmatched', 'returned')),
  account_id text references accounts,
  imported_at bigint not null,
  decided_at bigint,
  check ((state = 'credited') = (account_id is not null)),
  check ((state = 'unmatched') = (decided_at is null))
);
create index bank_entries_waiting on bank_entries (booked_at) where state = 'unmatched';
