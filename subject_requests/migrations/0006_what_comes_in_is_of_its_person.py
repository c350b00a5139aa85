"""What comes with a request is sealed for the one who wrote it, and goes with them."""

from typing import ClassVar

from django.db import migrations

TABLES = ("attachment", "representation", "forcustomer", "fromsystem", "guestpass")
BIND = "".join(
    f"""
ALTER TABLE subject_requests_{table} ADD CONSTRAINT {table}_is_of_the_requests_subject
    FOREIGN KEY (request_id, subject_id) REFERENCES subject_requests_request (id, subject_id);
"""
    for table in TABLES
)
LOOSEN = "".join(
    f"ALTER TABLE subject_requests_{table} DROP CONSTRAINT {table}_is_of_the_requests_subject;\n" for table in TABLES
)


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("subject_requests", "0005_what_comes_in")]
    operations: ClassVar[list[migrations.RunSQL]] = [migrations.RunSQL(BIND, LOOSEN)]
