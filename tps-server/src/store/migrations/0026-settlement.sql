-- Settlement: cycles, fees, payments that are held back, payouts, reports.
--
-- * A settlement may be killed at any point and goes on where it was: its row says how far it is, and what it does
--   for a merchant is one transaction, of which the report is a part.
-- * The telephone service (chit_vru) is granted none of these tables.

-- verifying: device signatures are verified, and payments assigned to the cycle. crediting: merchant after merchant.
create table settlements (
  cycle bigint primary key check (cycle > 0),
  -- Payments made before `until_at` are in it; `from_at` is where the cycle before ended.
  from_at bigint not null,
  until_at bigint not null check (until_at >= from_at),
  state text not null default 'verifying' check (state in ('verifying', 'crediting', 'done')),
  started_at bigint not null,
  finished_at bigint,
  check ((state = 'done') = (finished_at is not null))
);
create unique index settlement_under_way on settlements ((true)) where state <> 'done';

-- Payments are assigned to a cycle (`cycle` is set, `state` still 'collected') once they are verified; then credited.
create index merchant_payments_to_verify on merchant_payments (merchant_id, payment_id)
  where state = 'collected' and cycle is null;
create index merchant_payments_of_cycle on merchant_payments (merchant_id, cycle, paid_at, payment_id);
create index refunds_of_cycle on refunds (merchant_id, cycle, refunded_at, payment_id, order_id);

-- Settings of the operator. Null: one whole unit of the currency.
create table settlement_settings (
  only_row boolean primary key default true check (only_row),
  minimum_payout bigint check (minimum_payout >= 0)
);
insert into settlement_settings default values;

-- What a payment costs the merchant: a share of its amount and a fixed part, never more than the amount.
create table fee_rates (
  -- Null: every merchant without a rate of its own.
  merchant_id text references merchants,
  -- Hundredths of a percent.
  basis_points integer not null check (basis_points between 0 and 10000),
  fixed bigint not null check (fixed >= 0),
  changed_at bigint not null,
  unique nulls not distinct (merchant_id)
);

-- Payments that a settlement did not credit, and what the operator decided about each.
create table held_payments (
  merchant_id text not null,
  payment_id text not null,
  -- Of the settlement that held it back, and whose report tells of it.
  cycle bigint not null references settlements,
  reason text not null check (reason in
    ('signature-invalid', 'order-differs', 'device-unknown', 'payment-missing', 'copy-differs')),
  held_at bigint not null,
  -- released: settled as any other. refunded: given back to its payer, and settled without a fee.
  decision text check (decision in ('released', 'refunded')),
  decided_at bigint,
  decided_by text,
  primary key (merchant_id, payment_id),
  foreign key (merchant_id, payment_id) references merchant_payments,
  check ((decision is null) = (decided_at is null)),
  check ((decision is null) = (decided_by is null))
);
create index held_payments_of_cycle on held_payments (merchant_id, cycle);

-- Where merchants' money goes.
create table payout_accounts (
  merchant_id text primary key references merchants,
  name text not null,
  iban text not null check (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'),
  bic text check (bic ~ '^[A-Z0-9]{8}([A-Z0-9]{3})?$'),
  changed_at bigint not null
);

-- Files for the bank, as they were made.
create table payout_files (
  -- Also the message id in it.
  file_id text primary key check (length(file_id) <= 35),
  made_at bigint not null,
  made_by text not null,
  xml text not null,
  csv text not null
);

-- open: waits for a file. in-file: handed to the bank. done: executed. failed: not executed, it is the merchant's again.
create table payouts (
  payout_id text primary key,
  merchant_id text not null references merchants,
  cycle bigint not null references settlements,
  amount bigint not null check (amount > 0),
  -- Where it goes: the merchant's account as it was at the settlement.
  name text not null,
  iban text not null,
  bic text,
  state text not null default 'open' check (state in ('open', 'in-file', 'done', 'failed')),
  file_id text references payout_files,
  created_at bigint not null,
  decided_at bigint,
  -- Why the bank did not execute it.
  reason text,
  -- Of the settlement whose report tells that it came back.
  returned_cycle bigint references settlements,
  unique (merchant_id, cycle),
  check (state not in ('in-file', 'done') or file_id is not null),
  check (state <> 'open' or file_id is null),
  check ((state in ('done', 'failed')) = (decided_at is not null)),
  check ((state = 'failed') = (reason is not null)),
  check (state = 'failed' or returned_cycle is null)
);
create index payouts_of_state on payouts (state, created_at);
create index payouts_to_return on payouts (merchant_id) where state = 'failed' and returned_cycle is null;

-- What each merchant was told of each cycle: the same bytes for ever. The amounts are those of the document.
create table settlement_reports (
  merchant_id text not null references merchants,
  cycle bigint not null references settlements,
  previous bigint not null check (previous between 0 and cycle - 1),
  opening bigint not null,
  payments_count bigint not null,
  payments bigint not null,
  refunds_count bigint not null,
  refunds bigint not null,
  fees bigint not null,
  held_count bigint not null,
  held bigint not null,
  returned_count bigint not null,
  returned bigint not null,
  payout bigint not null,
  closing bigint not null,
  document text not null,
  made_at bigint not null,
  primary key (merchant_id, cycle),
  check (closing = opening + payments - fees - refunds + returned - payout)
);

create table settlement_report_pages (
  merchant_id text not null,
  cycle bigint not null,
  page integer not null check (page >= 0),
  content text not null,
  primary key (merchant_id, cycle, page),
  -- Pages are written before the report that names them, in one transaction.
  foreign key (merchant_id, cycle) references settlement_reports deferrable initially deferred
);

-- Alarms are also raised by settlements, which are no calls.
alter table alarms drop constraint alarms_kind_check;
alter table alarms add constraint alarms_kind_check
  check (kind in ('failures-of-the-hour', 'account-under-attack', 'wrong-check-number', 'payments-held-back'));
alter table alarms alter column call_id drop not null;
alter table alarms add constraint alarms_call_check check ((kind = 'payments-held-back') = (call_id is null));
