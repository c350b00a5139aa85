"""A private PostgreSQL and broker under PORTAL_HOME, and the supervisor that runs the portal on them.

Nothing here needs Django's settings: the settings are read from what this package leaves in PORTAL_HOME/portal.env.
"""
