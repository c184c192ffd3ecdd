-- Signed statements of customers' accounts. That of a month that is over is made once and stays as it is; one of the
-- running month is kept for as long as a wallet needs to fetch its parts.
create table account_statements (
  account_id text not null references accounts,
  statement_id text not null,
  -- In UTC, as 2026-11.
  month text not null check (month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
  -- Whether the month was over.
  complete boolean not null,
  made_at bigint not null,
  -- How many movements it has, to see whether another came since.
  movements integer not null check (movements >= 0),
  -- The sheets (JWS), one a line.
  document text not null,
  primary key (account_id, statement_id)
);
create unique index account_statement_of_month on account_statements (account_id, month) where complete;
-- Parts are read by themselves, not the whole text for each.
alter table account_statements alter column document set storage external;
