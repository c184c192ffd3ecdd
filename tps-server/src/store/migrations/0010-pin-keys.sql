-- The outside keys that modified PINs are sealed under, by their fingerprints: the keys themselves never come here.
-- All processes seal under the one that this table says, and a PIN under a key that it does not name cannot be stored.
create table pin_keys (
  key_id text primary key,
  -- announced: every process must hold it, none seals under it yet. sealing: one. retiring: still opens what is left.
  state text not null check (state in ('announced', 'sealing', 'retiring')),
  since bigint not null
);
create unique index pin_key_that_seals on pin_keys (state) where state = 'sealing';

-- Keys that were in use before they were written down; which one seals, the TPS says when it is opened next.
insert into pin_keys (key_id, state, since)
  select distinct modified_pin_key_id, 'retiring', 0 from devices where modified_pin_key_id is not null;

-- No key is dropped while a PIN is sealed under it, and no process sets a PIN that the TPS could not open. Checked when
-- the key changes, so not on payments.
alter table devices add foreign key (modified_pin_key_id) references pin_keys;
create index devices_by_pin_key on devices (modified_pin_key_id, account_id, device_id);

-- Which keys the running processes hold: none of them must meet a PIN that it cannot open.
create table pin_key_holders (
  -- Random; a process that starts again is another one.
  holder text primary key,
  kind text not null check (kind in ('tps', 'vru')),
  -- Computer and process id, for the operator.
  process text not null,
  key_ids text[] not null,
  seals_under text not null,
  seen_at bigint not null
);

grant select on pin_keys to chit_vru;
grant select, insert, update, delete on pin_key_holders to chit_vru;
