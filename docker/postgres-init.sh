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
\set backup_password `cat /run/secrets/portal_backup_password`
\set drill_password `cat /run/secrets/portal_drill_password`
ALTER ROLE portal_backup PASSWORD :'backup_password';
ALTER ROLE portal_drill PASSWORD :'drill_password';
CREATE DATABASE portal_drill OWNER portal_drill;
REVOKE ALL ON DATABASE portal_drill FROM PUBLIC;
SQL
