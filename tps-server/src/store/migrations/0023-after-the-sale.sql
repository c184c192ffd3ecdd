-- After the sale: payments by merchant, batches of refund orders, refunds. Nothing of it is on the payment path.
--
-- * What belongs to a merchant begins its key with merchant_id, what belongs to an account with account_id: each
--   table can be distributed by one of the two.
-- * The telephone service (chit_vru) is granted none of these tables.

-- Until which time (paid_at) payments were collected for good; null before the first collection.
create table collection (
  only_row boolean primary key default true check (only_row),
  collected_until bigint
);
insert into collection (collected_until) select min(paid_at) from payments;

-- Payments are collected by their time. Block ranges cost the payment path next to nothing: payments are only added,
-- in the order of their times.
create index payments_by_time on payments using brin (paid_at) with (autosummarize = on);

-- Paid payments by merchant, copied from `payments`; denials and other currencies stay out.
create table merchant_payments (
  merchant_id text not null references merchants,
  -- The `jti` of the proof.
  payment_id text not null,
  transaction_number text not null,
  account_id text not null,
  device_id text not null,
  amount bigint not null check (amount > 0),
  quote_hash bytea not null,
  paid_at bigint not null,
  collected_at bigint not null,
  state text not null default 'collected' check (state in ('collected', 'settled', 'held-back')),
  -- Of the settlement that took it in.
  cycle bigint,
  fee bigint not null default 0 check (fee >= 0),
  -- How much of it was given back by now.
  refunded bigint not null default 0 check (refunded between 0 and amount),
  primary key (merchant_id, payment_id)
);
create index merchant_payments_of_number on merchant_payments (merchant_id, transaction_number);
create index merchant_payments_to_settle on merchant_payments (merchant_id) where state = 'collected';

-- What is owed to each merchant; negative: the merchant owes.
create table merchant_accounts (
  merchant_id text primary key references merchants,
  balance bigint not null default 0
);

-- Batches as merchants signed them, and the answer that each got: the same bytes for ever.
create table batches (
  merchant_id text not null references merchants,
  batch_id text not null,
  document text not null,
  -- Of its orders, in its order.
  order_ids text[] not null,
  received_at bigint not null,
  state text not null default 'received' check (state in ('received', 'processed')),
  processed_at bigint,
  -- The signed result.
  result text,
  primary key (merchant_id, batch_id),
  check ((state = 'processed') = (processed_at is not null)),
  check ((state = 'processed') = (result is not null))
);
create index batches_waiting on batches (received_at) where state = 'received';

-- Refund orders, each under the batch that brought it first. It executes once, whatever batch names it again.
create table refund_orders (
  merchant_id text not null,
  order_id text not null,
  batch_id text not null,
  transaction_number text not null,
  -- Of what was paid under that number, `refunded` of `of_amount` is given back by now.
  refunded bigint not null check (refunded > 0),
  of_amount bigint not null check (of_amount >= refunded),
  document text not null,
  outcome text check (outcome in ('executed', 'refused')),
  reason text,
  -- When the outcome was decided.
  executed_at bigint,
  -- Payments that stand where the order wants them, and what it gave back so far.
  payments integer not null default 0 check (payments >= 0),
  given bigint not null default 0 check (given >= 0),
  primary key (merchant_id, order_id),
  foreign key (merchant_id, batch_id) references batches,
  check ((outcome is null) = (executed_at is null)),
  check ((outcome is not distinct from 'refused') = (reason is not null))
);
create index refund_orders_of_batch on refund_orders (merchant_id, batch_id);

-- Money given back, by the account that had paid.
create table refunds (
  account_id text not null references accounts,
  -- The payment of which it is a part, or all.
  payment_id text not null,
  order_id text not null,
  merchant_id text not null,
  transaction_number text not null,
  amount bigint not null check (amount > 0),
  balance_after bigint not null check (balance_after >= 0),
  refunded_at bigint not null,
  -- Of the settlement that reported it; null: not reported yet.
  cycle bigint,
  primary key (account_id, payment_id, order_id),
  foreign key (account_id, payment_id) references payments
);
create index refunds_of_merchant on refunds (merchant_id, cycle);

-- Work that is done apart from payments, one process at a time: when each was begun and last came to its end.
create table chores (
  name text primary key,
  started_at bigint not null,
  ended_at bigint
);
