-- Wallets invite further devices of their account, by registering the hash of a secret that they made. An invitation
-- is an activation link that no operator made: `once`, or `recovery`, which travels inside of encrypted backups, does
-- not expire, and makes another device each time that it is used.
alter table activations
  add column use text not null default 'once' check (use in ('once', 'recovery')),
  -- The device that made it; null: the operator did.
  add column made_by text,
  -- A withdrawn secret stays here, so that nobody registers it again by sending an old message once more.
  add column withdrawn_at bigint,
  add foreign key (account_id, made_by) references devices,
  alter column expires_at drop not null,
  add check ((use = 'recovery') = (expires_at is null)),
  -- `device_id` is the device of a link that is used once; those of a recovery secret are found by their key.
  add check (use = 'once' or device_id is null);
create index activations_of_account on activations (account_id);

-- Devices that came by a wallet's invitation are bounded in number; those that the operator let in are not.
alter table devices add column invited boolean not null default false;

-- What account holders' devices did about devices. Beside operator_log and vru_log: each names another actor.
create table device_log (
  entry bigint generated always as identity primary key,
  at bigint not null,
  account_id text not null,
  -- The device that did it.
  device_id text not null,
  action text not null check (action in ('activate', 'revoke', 'invite once', 'invite recovery')),
  -- The device that it was done to; null for an invitation.
  subject text
);
create index device_log_of_account on device_log (account_id, at);
