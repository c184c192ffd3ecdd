-- What the telephone service keeps for itself: calls under way, the failures of the hour, and its audit record.

-- A call between two webhooks of the carrier. No PIN and no passcode, sealed or not, is ever in it.
create table vru_calls (
  -- The carrier's name for the call.
  call_id text primary key check (length(call_id) <= 128),
  -- Number of the document that the carrier was given last; its answer comes back with this number.
  step integer not null check (step > 0),
  state jsonb not null,
  -- Set when the caller has shown telephone id and passcode.
  account_id text,
  expires_at bigint not null
);
create index vru_calls_by_expiry on vru_calls (expires_at);

-- Failed identifications of all callers, by clock hour (seconds since 1970, divided by 3600).
create table vru_failures (
  hour bigint primary key,
  failures integer not null check (failures > 0)
);

-- What happened in each call, without secrets. The telephone service can add to it and neither read nor change it.
create table vru_log (
  entry bigint generated always as identity primary key,
  at bigint not null,
  call_id text not null,
  account_id text,
  device_id text,
  event text not null
);
create index vru_log_of_account on vru_log (account_id, at);

grant select, insert, update, delete on vru_calls to chit_vru;
grant select, insert, update, delete on vru_failures to chit_vru;
grant insert on vru_log to chit_vru;

-- A caller who does not recognise a new wallet's check number revokes that wallet.
grant update (state) on devices to chit_vru;
