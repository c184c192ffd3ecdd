-- What the complete telephone service needs: reading for one caller at a time, cases, alarms, and a throttle.

-- Which transaction wrote an entry. The telephone service cannot choose it, and so cannot claim that what it
-- writes now was on record before.
alter table vru_log add column written_in xid8 not null default pg_current_xact_id();
create index vru_log_of_call on vru_log (call_id);
revoke insert on vru_log from chit_vru;
grant insert (at, call_id, account_id, device_id, event) on vru_log to chit_vru;

-- The account of whoever was identified in a call. That must be on record already, in a transaction that is committed
-- and can no longer be undone: nobody's balance is read without a trace that stays. The reading is recorded too.
create function vru_reading(of_call text, at_time bigint, what text) returns text
language plpgsql security definer set search_path = '' as $$
declare
  holder text;
begin
  select l.account_id into holder from public.vru_log l
   where l.call_id = of_call and l.event = 'caller-known' and l.written_in <> pg_catalog.pg_current_xact_id()
   order by l.entry desc limit 1;
  if holder is null then
    raise exception 'Nobody was identified in this call.' using errcode = 'insufficient_privilege';
  end if;
  insert into public.vru_log (at, call_id, account_id, event) values (at_time, of_call, holder, what);
  return holder;
end
$$;

create function vru_balance(of_call text, at_time bigint) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  holder constant text := public.vru_reading(of_call, at_time, 'balance-heard');
begin
  return (select a.balance from public.accounts a where a.account_id = holder);
end
$$;

-- The last five movements, the newest first. `name` is the merchant's; a funding's reference is the operator's own.
create function vru_payments(of_call text, at_time bigint)
returns table (kind text, moved_at bigint, amount bigint, name text)
language plpgsql security definer set search_path = '' as $$
declare
  holder constant text := public.vru_reading(of_call, at_time, 'payments-heard');
begin
  return query
    select moved.kind, moved.moved_at, moved.amount, moved.name from (
      select case p.verdict when 'proof' then 'payment' else 'denial' end as kind, p.paid_at as moved_at,
             p.amount, coalesce(m.name, '') as name, p.count as place
        from public.payments p left join public.merchants m on m.merchant_id = p.merchant_id
       where p.account_id = holder
      union all
      select 'funding', f.funded_at, f.amount, '', -1 from public.fundings f where f.account_id = holder
    ) moved
    order by moved.moved_at desc, moved.place desc limit 5;
end
$$;

revoke all on function vru_reading(text, bigint, text), vru_balance(text, bigint), vru_payments(text, bigint) from public;
grant execute on function vru_balance(text, bigint), vru_payments(text, bigint) to chit_vru;
-- To say amounts.
grant select (currency, scale) on issuer to chit_vru;

-- Problems that callers reported.
create table cases (
  -- 6 random digits: short enough to be written down, and nobody can tell from them how many there are.
  case_number text primary key check (case_number ~ '^[0-9]{6}$'),
  account_id text not null references accounts,
  call_id text not null,
  category text not null check (category in ('lost-computer', 'unknown-payment', 'shop', 'other')),
  opened_at bigint not null,
  -- Where the carrier keeps what the caller said; nothing of it is kept here.
  recording_url text check (recording_url like 'https://%' and length(recording_url) <= 1024),
  recording_seconds integer check (recording_seconds >= 0),
  recorded_at bigint,
  closed_at bigint,
  closed_by text,
  check ((recorded_at is null) = (recording_url is null)),
  check ((closed_at is null) = (closed_by is null))
);
create index cases_of_account on cases (account_id, opened_at);
grant select (case_number, account_id, call_id, opened_at, recorded_at) on cases to chit_vru;
grant insert (case_number, account_id, call_id, category, opened_at) on cases to chit_vru;
grant update (recording_url, recording_seconds, recorded_at) on cases to chit_vru;

create function refuse_another_recording() returns trigger language plpgsql as $$
begin
  raise exception 'A case keeps its first recording.';
end
$$;

create trigger recording_is_final before update of recording_url, recording_seconds, recorded_at on cases
  for each row when (old.recorded_at is not null)
  execute function refuse_another_recording();

-- What the operator must look at. The telephone service raises alarms and can neither read nor withdraw them.
create table alarms (
  alarm bigint generated always as identity primary key,
  raised_at bigint not null,
  kind text not null check (kind in ('failures-of-the-hour', 'account-under-attack', 'wrong-check-number')),
  call_id text not null,
  account_id text,
  device_id text,
  acknowledged_at bigint,
  acknowledged_by text,
  check ((acknowledged_at is null) = (acknowledged_by is null))
);
grant insert (raised_at, kind, call_id, account_id, device_id) on alarms to chit_vru;

-- Failed identifications by caller id, to slow one caller down before all of them are. The caller id is there
-- as a MAC under a key that the database does not have, another one each hour.
create table vru_caller_failures (
  hour bigint not null,
  caller bytea not null check (octet_length(caller) = 32),
  failures integer not null check (failures > 0),
  primary key (hour, caller)
);
grant select, insert, update, delete on vru_caller_failures to chit_vru;
