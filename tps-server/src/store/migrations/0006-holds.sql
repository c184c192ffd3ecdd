-- Two people may hold an account, each for reasons of their own: the operator, and its holder by telephone. It pays
-- when neither does, and neither lifts the other's hold. `status` says the result, to everything that reads it.
alter table accounts add column held_by_operator boolean not null default false;
alter table accounts add column held_by_holder boolean not null default false;
update accounts set held_by_operator = true where status = 'held';
alter table accounts drop column status;
alter table accounts add column status text not null
  generated always as (case when held_by_operator or held_by_holder then 'held' else 'active' end) stored;

-- The telephone service sees who holds, and acts for the holder alone.
grant select (status, held_by_operator, held_by_holder) on accounts to chit_vru;
grant update (held_by_holder) on accounts to chit_vru;
