-- Accounts on many machines with Citus, where the extension is present: tables by account are distributed by account_id,
-- what payments read besides is on every node. Where it is not, nothing is done. The lists are those of places/tables.ts.
-- See docs/SCALING.md, which also says what of it was not run.
create function distribute_by_account() returns text language plpgsql as $$
declare
  by_account constant text[] := array['accounts', 'devices', 'refused_requests', 'payments', 'fundings', 'refunds',
                                      'account_statements'];
  copied constant text[] := array['merchants', 'certificates', 'pin_keys'];
  name text;
  key record;
begin
  if not exists (select 1 from pg_extension where extname = 'citus') then
    return 'Citus is not installed in this database: nothing was distributed.';
  end if;
  -- Foreign keys from tables that stay whole into distributed ones cannot be kept.
  for key in
    select k.conrelid::regclass as owner, k.conname
      from pg_constraint k join pg_class t on t.oid = k.confrelid join pg_class o on o.oid = k.conrelid
     where k.contype = 'f' and k.conparentid = 0 and t.relnamespace = 'public'::regnamespace
       and t.relname = any (by_account) and o.relname <> all (by_account)
  loop
    execute format('alter table %s drop constraint %I', key.owner, key.conname);
  end loop;
  -- Those there are look at the row that is written and at nothing else.
  perform set_config('citus.enable_unsafe_triggers', 'on', true);
  foreach name in array copied loop
    execute format('select create_reference_table(%L)', name);
  end loop;
  foreach name in array by_account loop
    execute format('select create_distributed_table(%L, %L, colocate_with => %L)', name, 'account_id',
                   case name when 'accounts' then 'none' else 'accounts' end);
  end loop;
  return 'The tables by account are distributed.';
end
$$;

do $$
begin
  raise notice '%', distribute_by_account();
end
$$;
