"""What a person is told a table and a plain column are called: as the model says, or as columns of that name are called
everywhere, because most models name only what staff see of them."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

FACTS: Final[Mapping[str, Promise]] = {
    "actor_kind": pgettext_lazy("fact of a record", "by whom"),
    "applied_at": pgettext_lazy("fact of a record", "applied"),
    "at": pgettext_lazy("fact of a record", "when"),
    "author": pgettext_lazy("fact of a record", "author"),
    "authority_checked_at": pgettext_lazy("fact of a record", "authority checked"),
    "channel": pgettext_lazy("fact of a record", "way"),
    "claimed_at": pgettext_lazy("fact of a record", "sending began"),
    "created_at": pgettext_lazy("fact of a record", "made"),
    "decision": pgettext_lazy("fact of a record", "decision"),
    "done": pgettext_lazy("fact of a record", "steps done"),
    "due_at": pgettext_lazy("fact of a record", "due"),
    "due_on": pgettext_lazy("fact of a record", "due"),
    "ended_at": pgettext_lazy("fact of a record", "ended"),
    "escalated_at": pgettext_lazy("fact of a record", "passed up"),
    "events": pgettext_lazy("fact of a record", "entries of the log"),
    "expires_at": pgettext_lazy("fact of a record", "valid until"),
    "extension": pgettext_lazy("fact of a record", "days of extension"),
    "failed_at": pgettext_lazy("fact of a record", "failed"),
    "files": pgettext_lazy("fact of a record", "files"),
    "given_by": pgettext_lazy("fact of a record", "given"),
    "kind": pgettext_lazy("fact of a record", "kind"),
    "language": pgettext_lazy("fact of a record", "language"),
    "last_used_at": pgettext_lazy("fact of a record", "used last"),
    "made_at": pgettext_lazy("fact of a record", "made"),
    "needs_proof": pgettext_lazy("fact of a record", "proof is needed"),
    "number": pgettext_lazy("fact of a record", "number"),
    "owed_at": pgettext_lazy("fact of a record", "owed since"),
    "proof_seen_at": pgettext_lazy("fact of a record", "proof seen"),
    "purpose": pgettext_lazy("fact of a record", "purpose"),
    "seen_at": pgettext_lazy("fact of a record", "used last"),
    "sent_at": pgettext_lazy("fact of a record", "sent"),
    "shown_at": pgettext_lazy("fact of a record", "shown"),
    "started_at": pgettext_lazy("fact of a record", "began"),
    "state_after": pgettext_lazy("fact of a record", "state after it"),
    "state_before": pgettext_lazy("fact of a record", "state before it"),
    "stop_asked_at": pgettext_lazy("fact of a record", "stop asked for"),
    "told_at": pgettext_lazy("fact of a record", "told"),
    "turn": pgettext_lazy("fact of a record", "number in order"),
    "type": pgettext_lazy("fact of a record", "kind"),
    "used_at": pgettext_lazy("fact of a record", "used"),
    "written_at": pgettext_lazy("fact of a record", "written"),
}
MODELS: Final[Mapping[str, Promise]] = {
    "accounts.session": pgettext_lazy("record", "session"),
    "accounts.user_groups": pgettext_lazy("record", "group of an account"),
    "accounts.user_user_permissions": pgettext_lazy("record", "permission of an account"),
    "mfa.authenticator": pgettext_lazy("record", "second factor"),
    "notifications.mailcontent": pgettext_lazy("record", "link of a mail"),
    "subject_requests.requeststep": pgettext_lazy("record", "step of a request"),
}


def of_model(model: type[models.Model]) -> str:
    return str(MODELS.get(model._meta.label_lower, model._meta.verbose_name))


def of_fact(field: "models.Field[Any, Any]") -> str:
    if str(field.verbose_name) == field.name.replace("_", " "):
        return str(FACTS.get(field.name, field.verbose_name))
    return str(field.verbose_name)
