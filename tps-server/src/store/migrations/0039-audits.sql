-- That an audit ended, and how: monitoring tells when the last one is long ago or found something.
create table audits (
  audit bigint generated always as identity primary key,
  at bigint not null,
  -- Whether every document was verified, or the newest.
  every_document boolean not null,
  is_sound boolean not null,
  -- Records that differ, as far as they were counted.
  findings integer not null check (findings >= 0)
);
