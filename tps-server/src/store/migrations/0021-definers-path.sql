-- A path that does not name pg_temp has it in front: the telephone service could put a type of its own, in a temporary
-- schema, in the place of one that these functions name, and its check would run with the owner's rights.
alter function vru_reading(text, bigint, text) set search_path = pg_catalog, pg_temp;
alter function vru_balance(text, bigint) set search_path = pg_catalog, pg_temp;
alter function vru_payments(text, bigint) set search_path = pg_catalog, pg_temp;
