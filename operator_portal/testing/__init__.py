"""Tests on real services: a private PostgreSQL and broker kept in .portal-test, shared by all runs in this tree."""
