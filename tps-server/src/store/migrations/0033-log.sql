-- The log of payments: an append-only Merkle tree of all proofs (c2sp.org/tlog-tiles). Nothing of it is on the payment
-- path; the telephone service (chit_vru) is granted none of these tables.

-- Where a payment's proof is in the log; null: not there yet.
alter table merchant_payments add column log_index bigint unique;
create index merchant_payments_to_log on merchant_payments (collected_at) where log_index is null;

-- The leaves: a hash of each proof.
create table log_entries (
  entry_index bigint primary key check (entry_index >= 0),
  entry bytea not null unique check (octet_length(entry) = 32)
);

-- The roots of full tiles: `position` counts the full subtrees of 256^level leaves.
create table log_nodes (
  level smallint not null check (level between 1 and 63),
  position bigint not null check (position >= 0),
  hash bytea not null check (octet_length(hash) = 32),
  primary key (level, position)
);

-- The states of the tree that were, or are about to be, signed: one root for each size, for ever.
create table log_checkpoints (
  size bigint primary key check (size >= 0),
  root bytea not null check (octet_length(root) = 32),
  -- The signed checkpoint as it is published; null until it is signed, which comes after the row is on disk.
  note text,
  signed_at bigint,
  check ((note is null) = (signed_at is null))
);
create index log_checkpoints_to_sign on log_checkpoints (size) where note is null;

-- What was published stays as it is.
create function log_is_append_only() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and tg_table_name = 'log_checkpoints' then
    if old.note is null and new.size = old.size and new.root = old.root then
      return new;
    end if;
  end if;
  raise exception 'The log is append-only: % of % is refused.', lower(tg_op), tg_table_name;
end
$$;
create trigger log_entries_stay before update or delete on log_entries
  for each row execute function log_is_append_only();
create trigger log_nodes_stay before update or delete on log_nodes
  for each row execute function log_is_append_only();
create trigger log_checkpoints_stay before update or delete on log_checkpoints
  for each row execute function log_is_append_only();
