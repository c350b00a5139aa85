"""What was dropped stays said, and is of the person whose request it was."""

from typing import ClassVar

from django.db import migrations

DO = """
CREATE TRIGGER dropped_kind_history BEFORE UPDATE OR DELETE ON subject_requests_droppedkind
    FOR EACH ROW EXECUTE FUNCTION subject_requests_guard_history();
ALTER TABLE subject_requests_droppedkind ADD CONSTRAINT dropped_kind_is_of_the_requests_subject
    FOREIGN KEY (request_id, subject_id) REFERENCES subject_requests_request (id, subject_id);
"""
UNDO = """
ALTER TABLE subject_requests_droppedkind DROP CONSTRAINT dropped_kind_is_of_the_requests_subject;
DROP TRIGGER dropped_kind_history ON subject_requests_droppedkind;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("subject_requests", "0007_drops_and_chosen_consents")]
    operations: ClassVar[list[migrations.RunSQL]] = [migrations.RunSQL(DO, UNDO)]
