#!/usr/bin/env bash
# Run once by the postgres image, when the database is new.
set -euo pipefail
psql --no-psqlrc --set ON_ERROR_STOP=1 --username postgres --dbname portal <<'SQL'
\i /portal/roles.sql
\i /portal/database_rights.sql
\set owner_password `cat /run/secrets/portal_owner_password`
\set app_password `cat /run/secrets/portal_app_password`
ALTER ROLE portal_owner PASSWORD :'owner_password';
ALTER ROLE portal_app PASSWORD :'app_password';
SQL
