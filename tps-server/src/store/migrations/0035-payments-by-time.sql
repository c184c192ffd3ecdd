-- Payments are partitioned by their time, so that nothing on their way grows with the age of the system: one is written
-- into its month's partition, whose indexes have that month alone; old months are detached.
--
-- * Nothing refers to a partition, and a partition refers to nothing: it is detached, archived and dropped without a lock
--   on any other table. What foreign keys said is held here:
--   - A payment is written in the transaction that has its account and device locked, and devices that have paid stay.
--   - A refund is of a payment in the merchant's books (merchant_payments); the audit goes through all of them.
-- * No unique key spans partitions. That no transaction count is used twice is held by the device's row, which is
--   locked and whose count only grows; in each partition by a unique key besides.

alter table refunds drop constraint refunds_account_id_payment_id_fkey;

-- The table there is becomes the first partition as it is. Its rows stay where they are: one index is built.
alter table payments
  drop constraint payments_account_id_fkey,
  drop constraint payments_account_id_device_id_fkey,
  drop constraint payments_pkey;
alter table payments rename to payments_earlier;
alter table payments_earlier rename constraint payments_account_id_device_id_count_key to payments_earlier_counts;
alter index payments_by_time rename to payments_earlier_by_time;
alter index payments_by_request rename to payments_earlier_by_request;

create table payments (like payments_earlier including defaults including constraints, primary key (account_id, paid_at, payment_id))
  partition by range (paid_at);
create index payments_by_time on payments using brin (paid_at) with (autosummarize = on);
create index payments_by_request on payments using hash (request_hash);

-- When the month begins (UTC) that is so many months after that of `at`. Seconds.
create function month_start(at bigint, later integer) returns bigint
language sql stable set search_path = pg_catalog, pg_temp as $$
  select extract(epoch from (date_trunc('month', to_timestamp(at) at time zone 'UTC') + make_interval(months => later))
                            at time zone 'UTC')::bigint
$$;

-- Adds the partition of `from_at` to `until_at`. It is made by itself and then attached: payments go on meanwhile.
create function add_payments_partition(from_at bigint, until_at bigint) returns void language plpgsql as $$
declare
  name constant text := 'payments_' || to_char(to_timestamp(from_at) at time zone 'UTC', 'YYYY_MM');
begin
  execute format('create table %I (like payments including defaults including constraints)', name);
  execute format('create unique index %I on %I (account_id, device_id, count)', name || '_counts', name);
  execute format('alter table payments attach partition %I for values from (%s) to (%s)', name, from_at, until_at);
end
$$;

-- The partitions there are. Null: without a beginning. `detaching`: nobody sees its payments any more.
create view payments_partitions as
  select c.relname::text as name,
         substring(b.bound from 'FROM \(''?(-?[0-9]+)')::bigint as from_at,
         substring(b.bound from 'TO \(''?(-?[0-9]+)')::bigint as until_at,
         i.inhdetachpending as detaching
    from pg_inherits i
    join pg_class c on c.oid = i.inhrelid
    cross join lateral pg_get_expr(c.relpartbound, c.oid) as b (bound)
   where i.inhparent = 'payments'::regclass;

do $$
declare
  newest constant bigint := (select max(paid_at) from payments_earlier);
  today constant bigint := extract(epoch from now())::bigint;
  -- A partition ends where a month begins, after all payments that there are.
  first constant bigint := case when newest is null then month_start(today, 0)
                                else month_start(greatest(newest, today), 1) end;
begin
  execute format('alter table payments attach partition payments_earlier for values from (minvalue) to (%s)', first);
  for later in 0 .. 3 loop
    perform add_payments_partition(month_start(first, later), month_start(first, later + 1));
  end loop;
end
$$;

-- When the device last paid, or was denied: it is asked often, and must not be looked for in all that there ever was.
alter table devices add column last_paid_at bigint;
update devices d set last_paid_at = used.at
  from (select account_id, device_id, max(paid_at) as at from payments group by account_id, device_id) used
 where used.account_id = d.account_id and used.device_id = d.device_id;

create function refuse_counting_back() returns trigger language plpgsql as $$
begin
  raise exception 'A transaction count only grows.' using errcode = 'integrity_constraint_violation';
end
$$;
create trigger count_only_grows before update of count on devices
  for each row when (new.count < old.count) execute function refuse_counting_back();

create function refuse_losing_a_payer() returns trigger language plpgsql as $$
begin
  raise exception 'A device that has paid stays, under its name.' using errcode = 'foreign_key_violation';
end
$$;
create trigger payers_stay before delete on devices
  for each row when (old.count > 0) execute function refuse_losing_a_payer();
create trigger payers_keep_their_name before update of account_id, device_id on devices
  for each row when (old.count > 0) execute function refuse_losing_a_payer();

-- Sealing keys that were deleted, and between which times requests were sealed to them: a request that nobody can open
-- is looked for among the payments of that time, and not at all when there never was such a key.
create table forgotten_sealing_keys (
  key_id text primary key,
  not_before bigint not null,
  forgotten_at bigint not null
);
-- Any key that was deleted before this was written down.
insert into forgotten_sealing_keys (key_id, not_before, forgotten_at)
  select '', min(paid_at), max(paid_at) from payments having count(*) > 0;

-- Callers hear the last movements: found from the newest payment on, without going through all of them.
create or replace function vru_payments(of_call text, at_time bigint)
returns table (kind text, moved_at bigint, amount bigint, name text)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  holder constant text := public.vru_reading(of_call, at_time, 'payments-heard');
begin
  return query
    select moved.kind, moved.moved_at, moved.amount, moved.name from (
      select case p.verdict when 'proof' then 'payment' else 'denial' end as kind, p.paid_at as moved_at,
             p.amount, coalesce(m.name, '') as name, p.count as place
        from (select own.* from public.payments own
                join public.issuer i on i.currency = own.currency and i.scale = own.scale
               where own.account_id = holder
               order by own.paid_at desc, own.count desc, own.amount desc limit 5) p
        left join public.merchants m on m.merchant_id = p.merchant_id
      union all
      select 'refund', r.refunded_at, r.amount, coalesce(m.name, ''), 9223372036854775807
        from public.refunds r left join public.merchants m on m.merchant_id = r.merchant_id
       where r.account_id = holder
      union all
      select 'funding', f.funded_at, f.amount, '', -1 from public.fundings f where f.account_id = holder
    ) moved
    order by moved.moved_at desc, moved.place desc, moved.amount desc limit 5;
end
$$;
