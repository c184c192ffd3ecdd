#!/bin/sh
# Run once by PostgreSQL's image, when the database is new: the telephone service enters as `chit_vru`. What that role may do,
# the payment server's migrations say.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$CHIT_VRU_DATABASE_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
create role chit_vru login password :'password';
SQL
