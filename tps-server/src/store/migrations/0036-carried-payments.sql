-- Old months are taken out of the payments: first they are carried, which is one transaction, then detached. Carried means
-- that the books go on from what the months add up to, whether their rows are still there or not.

-- Payments made before it are carried. What is collected later is none of them: their partitions take no more rows.
alter table collection add column carried_until bigint not null default 0;

-- The payments that the books are made of, row by row.
create view kept_payments as
  select * from payments where paid_at >= (select carried_until from collection);

-- What was carried, and signed off by whom.
create table carried_partitions (
  -- The table, which stays as an archive until the operator has dumped and dropped it.
  name text primary key,
  -- Null: from the beginning.
  from_at bigint,
  until_at bigint not null unique,
  -- Transactions; and of them those that were paid.
  payments bigint not null check (payments >= 0),
  proofs bigint not null check (proofs between 0 and payments),
  spent bigint not null check (spent >= 0),
  carried_at bigint not null,
  carried_by text not null,
  -- Null: it still has to be detached.
  detached_at bigint
);

-- What the carried payments of each device add up to.
create table carried_payments (
  account_id text not null,
  device_id text not null,
  -- How many transactions, and the sum of their counts: none is there twice, and none is missing.
  transactions bigint not null,
  counts numeric not null,
  proofs bigint not null,
  spent bigint not null,
  -- Of the last one that was paid.
  last_at bigint,
  last_balance bigint,
  -- Of the last transaction.
  last_count bigint not null,
  request_hash bytea not null,
  primary key (account_id, device_id)
);
create index carried_requests on carried_payments using hash (request_hash);

-- Balances that carried payments lead to (more often than they start from them: excess > 0) or start from (excess < 0).
-- Within a run of payments they cancel each other out; what is left meets fundings, refunds and later payments.
create table carried_ends (
  account_id text not null,
  value bigint not null,
  excess bigint not null,
  primary key (account_id, value)
);
