-- Who may do what in the portal's database. Run by the superuser in the portal's own database; can be repeated.
-- The same lines serve the embedded PostgreSQL and docker-compose. Passwords are set by whoever runs it.
--
--   portal_owner  owns schemas and tables, connects only to migrate
--   portal_app    web, worker and beat: reads and writes rows, owns nothing, changes no table and no trigger
--   portal_auditor nobody's login: portal_app becomes it to read the log for an auditor, and row security narrows it
--   portal_backup reads everything for a backup, and writes nothing
--   portal_drill  owns a database of its own, in which backups are restored to see that they can be; enters no other

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_owner') THEN
        CREATE ROLE portal_owner;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_app') THEN
        CREATE ROLE portal_app;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_auditor') THEN
        CREATE ROLE portal_auditor;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_backup') THEN
        CREATE ROLE portal_backup;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_drill') THEN
        CREATE ROLE portal_drill;
    END IF;
END $$;

ALTER ROLE portal_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE portal_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE portal_auditor NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE portal_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS;
ALTER ROLE portal_drill LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
GRANT portal_auditor TO portal_app;
GRANT pg_read_all_data TO portal_backup;
ALTER ROLE portal_owner SET search_path = public, vault;
ALTER ROLE portal_app SET search_path = public, vault;

CREATE SCHEMA IF NOT EXISTS vault AUTHORIZATION portal_owner;
ALTER SCHEMA public OWNER TO portal_owner;
REVOKE ALL ON SCHEMA public, vault FROM PUBLIC;
GRANT USAGE ON SCHEMA public, vault TO portal_app;
GRANT USAGE ON SCHEMA public TO portal_auditor;

ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner IN SCHEMA public, vault
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portal_app;
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner IN SCHEMA public, vault
    GRANT USAGE, SELECT ON SEQUENCES TO portal_app;
