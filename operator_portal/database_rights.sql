-- Who may enter this database. Run by the superuser connected to it; a copy of a database does not inherit these.

DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I OWNER TO portal_owner', current_database());
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO portal_app, portal_backup', current_database());
END $$;
