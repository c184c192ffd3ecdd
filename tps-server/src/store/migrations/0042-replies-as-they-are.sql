-- Stored replies are ciphertext: trying to compress them costs time at every payment and never gains a byte.
alter table devices alter column last_reply set storage external;
alter table refused_requests alter column reply set storage external;
