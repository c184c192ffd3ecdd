-- A place commits before the main database does. After a crash in between it has a row that the main database does not, or
-- has not one that it has: so a copy is brought to what the row is now, whether it is there or not, and what was under way can
-- be done again.
create or replace function copy_to_places() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  key constant text := tg_argv[0];
  columns text;
  row_values text;
  target text;
  changed bigint;
begin
  select string_agg(quote_ident(attname), ', ' order by attnum),
         string_agg(format('($1).%I', attname), ', ' order by attnum)
    into columns, row_values
    from pg_attribute where attrelid = tg_relid and attnum > 0 and not attisdropped;
  for target in select format('place_%s.%I', place, tg_table_name) from public.account_places order by place loop
    if tg_op = 'DELETE' then
      execute format('delete from %s where %I = ($1).%I', target, key, key) using old;
      continue;
    end if;
    execute format('update %s set (%s) = row(%s) where %I = ($2).%I', target, columns, row_values, key, key)
      using new, case tg_op when 'UPDATE' then old else new end;
    get diagnostics changed = row_count;
    if changed = 0 then
      execute format('insert into %s (%s) values (%s)', target, columns, row_values) using new;
    end if;
  end loop;
  return null;
end
$$;
