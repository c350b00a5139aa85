-- Who may do what in the portal's database. Run by the superuser in the portal's own database; can be repeated.
-- The same lines serve the embedded PostgreSQL and docker-compose. Passwords are set by whoever runs it.
--
--   portal_owner  owns schemas and tables, connects only to migrate
--   portal_app    web, worker and beat: reads and writes rows, owns nothing, changes no table and no trigger

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_owner') THEN
        CREATE ROLE portal_owner;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_app') THEN
        CREATE ROLE portal_app;
    END IF;
END $$;

ALTER ROLE portal_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE portal_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE portal_owner SET search_path = public, vault;
ALTER ROLE portal_app SET search_path = public, vault;

CREATE SCHEMA IF NOT EXISTS vault AUTHORIZATION portal_owner;
ALTER SCHEMA public OWNER TO portal_owner;
REVOKE ALL ON SCHEMA public, vault FROM PUBLIC;
GRANT USAGE ON SCHEMA public, vault TO portal_app;

ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner IN SCHEMA public, vault
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portal_app;
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner IN SCHEMA public, vault
    GRANT USAGE, SELECT ON SEQUENCES TO portal_app;
