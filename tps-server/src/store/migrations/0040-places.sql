-- Accounts on several PostgreSQL servers: each place is a database with the same schema, in which the tables by account
-- hold the accounts whose hash has the place's remainder; the main database has everything else. See docs/SCALING.md.

-- In the main database: where the places are. Empty: all accounts are here.
create table account_places (
  place smallint primary key check (place >= 0),
  url text not null,
  -- The same for the telephone service's role; null: it cannot reach accounts there.
  telephone_url text
);

-- In a place: which one it is. Written once, so that no two databases are ever mixed up.
create table place_marker (
  only_row boolean primary key default true check (only_row),
  issuer text not null,
  place smallint not null,
  of_places smallint not null check (place >= 0 and place < of_places)
);

-- For how long (seconds) the oldest transaction that has locked or written something here has been open.
create view transaction_age_here as
  select coalesce(ceil(extract(epoch from max(clock_timestamp() - xact_start))), 0)::bigint as seconds
    from pg_stat_activity where datname = current_database() and backend_xid is not null;
-- The same of all places; they are added when the tables are laid over them.
create view transaction_age as select seconds from transaction_age_here;

-- Tables that every place has a copy of: changed here, they are changed in all places in the same transaction, and
-- where one of these does not answer, in none. Its argument is the table's primary key.
create function copy_to_places() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  key constant text := tg_argv[0];
  columns text;
  row_values text;
  target text;
begin
  select string_agg(quote_ident(attname), ', ' order by attnum),
         string_agg(format('($1).%I', attname), ', ' order by attnum)
    into columns, row_values
    from pg_attribute where attrelid = tg_relid and attnum > 0 and not attisdropped;
  for target in select format('place_%s.%I', place, tg_table_name) from public.account_places order by place loop
    if tg_op = 'INSERT' then
      execute format('insert into %s (%s) values (%s)', target, columns, row_values) using new;
    elsif tg_op = 'UPDATE' then
      execute format('update %s set (%s) = row(%s) where %I = ($2).%I', target, columns, row_values, key, key) using new, old;
    else
      execute format('delete from %s where %I = ($1).%I', target, key, key) using old;
    end if;
  end loop;
  return null;
end
$$;
