-- The schema of the TPS.
--
-- * Every table on the payment path begins its primary key with account_id, and every statement there touches
--   the rows of one account, so that the tables can be distributed by account.
-- * No row of a merchant is written on the payment path.
-- * Identifiers are 16 random bytes as base64url (22 characters). Times are whole seconds since 1970 (UTC),
--   amounts whole numbers of smallest units.

-- What this TPS is: exactly one row, written by `init`.
create table issuer (
  only_row boolean primary key default true check (only_row),
  origin text not null,
  operator text not null,
  telephone text not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  scale smallint not null check (scale between 0 and 8),
  -- Sequence number and text of the key list that was published last; 0 before the first.
  key_list_sequence bigint not null default 0,
  key_list_document text,
  key_list_expires_at bigint not null default 0,
  created_at bigint not null
);

-- Root, signing and sealing keys. The private halves are sealed under a key kept outside of the database.
create table keys (
  key_id text primary key,
  purpose text not null check (purpose in ('root', 'signing', 'sealing')),
  public_key bytea not null check (octet_length(public_key) = 32),
  sealed_private_key bytea not null,
  sealed_under text not null,
  not_before bigint not null,
  not_after bigint not null,
  -- Until when a sealing key still opens requests that were sealed in time; then it may be forgotten.
  opens_until bigint not null,
  created_at bigint not null
);

create table accounts (
  account_id text primary key,
  balance bigint not null check (balance >= 0),
  status text not null check (status in ('active', 'held')),
  created_at bigint not null
);

-- How the telephone service knows an account holder.
create table telephone_access (
  account_id text primary key references accounts,
  telephone_id text not null unique check (telephone_id ~ '^[0-9]{8}$'),
  -- Argon2id, as a PHC string.
  passcode_hash text not null,
  failed_attempts integer not null default 0 check (failed_attempts >= 0),
  locked_until bigint not null default 0,
  created_at bigint not null
);

-- A wallet installation. The paper's account with one PC is an account with one device.
create table devices (
  account_id text not null references accounts,
  device_id text not null,
  public_key bytea not null check (octet_length(public_key) = 32),
  name text not null,
  state text not null default 'active' check (state in ('active', 'revoked')),
  -- awaiting-pin: no PIN set yet. locked: too many wrong PINs; only a new PIN by telephone helps.
  pin_state text not null default 'awaiting-pin' check (pin_state in ('awaiting-pin', 'active', 'locked')),
  -- How often the PIN was set by telephone.
  pin_generation bigint not null default 0 check (pin_generation >= 0),
  -- PIN + modifier mod 2^256, sealed under the PIN key (kept outside of the database); see pin-seal.ts.
  modified_pin bytea,
  modified_pin_key_id text,
  -- Authenticated transactions so far.
  count bigint not null default 0 check (count >= 0),
  -- Wrong PINs in a row.
  failures smallint not null default 0 check (failures between 0 and 5),
  -- The last authenticated request and its reply, for whoever sends the identical bytes again.
  last_request_hash bytea check (octet_length(last_request_hash) = 32),
  last_reply bytea,
  activated_at bigint not null,
  primary key (account_id, device_id),
  check ((pin_state = 'active') = (modified_pin is not null)),
  check ((modified_pin is null) = (modified_pin_key_id is null)),
  check ((last_request_hash is null) = (last_reply is null))
);

-- The wrong-PIN replies of the current run (at most 5): a request that is sent again counts once.
create table refused_requests (
  account_id text not null,
  device_id text not null,
  request_hash bytea not null check (octet_length(request_hash) = 32),
  reply bytea not null,
  refused_at bigint not null,
  primary key (account_id, device_id, request_hash),
  foreign key (account_id, device_id) references devices
);

-- Activation links: only the secret's hash is stored; and the device, once the link was used.
create table activations (
  secret_hash bytea primary key check (octet_length(secret_hash) = 32),
  account_id text not null references accounts,
  expires_at bigint not null,
  device_id text,
  created_at bigint not null,
  foreign key (account_id, device_id) references devices
);

-- Every authenticated request, paid or denied, with all that verifies the device's signature again.
create table payments (
  account_id text not null references accounts,
  -- The `jti` of the proof or denial.
  payment_id text not null,
  device_id text not null,
  count bigint not null,
  pin_generation bigint not null,
  verdict text not null check (verdict in ('proof', 'denial')),
  denial_reason text,
  merchant_id text not null,
  transaction_number text not null,
  amount bigint not null check (amount > 0),
  currency text not null,
  scale smallint not null,
  quote_hash bytea not null,
  -- The proof or denial (JWS).
  document text not null,
  request_hash bytea not null,
  -- The request's plain part, the CTS's component of the modifier and the signature, as the device signed them.
  plain bytea not null,
  component bytea not null,
  device_signature bytea not null,
  balance_after bigint not null check (balance_after >= 0),
  paid_at bigint not null,
  primary key (account_id, payment_id),
  unique (account_id, device_id, count),
  foreign key (account_id, device_id) references devices,
  check ((verdict = 'denial') = (denial_reason is not null))
);

-- Money paid in. The reference is the operator's own and makes a repeated entry harmless.
create table fundings (
  account_id text not null references accounts,
  reference text not null,
  amount bigint not null check (amount > 0),
  balance_after bigint not null,
  funded_at bigint not null,
  primary key (account_id, reference)
);

create table merchants (
  merchant_id text primary key,
  name text not null,
  created_at bigint not null,
  revoked_at bigint
);

create table merchant_applications (
  application_id text primary key,
  -- The merchant's signed application (JWS) and its SHA-256: the same application is registered once.
  document text not null,
  document_hash bytea not null unique,
  name text not null,
  contact text not null,
  origins text[] not null,
  state text not null default 'pending' check (state in ('pending', 'approved')),
  merchant_id text references merchants,
  received_at bigint not null,
  decided_at bigint,
  check ((state = 'approved') = (merchant_id is not null))
);

create table certificates (
  serial text primary key,
  merchant_id text not null references merchants,
  document text not null,
  issued_at bigint not null,
  not_before bigint not null,
  expires_at bigint not null,
  revoked_at bigint
);
create index certificates_of_merchant on certificates (merchant_id);

-- What the operator did, and on whose computer account.
create table operator_log (
  entry bigint generated always as identity primary key,
  at bigint not null,
  operator text not null,
  action text not null,
  subject text not null,
  details jsonb not null default '{}'
);
