"""The newest checkpoint, mailed to each auditor in force: what lies in somebody else's mailbox cannot be rewritten."""

from datetime import datetime, timedelta

import profiles
from accounts import links
from accounts.facts import Fact
from accounts.models import User
from notifications import services as notifications
from personal_data.scope import processing
from processing_log import mandates, publication, witnesses
from processing_log.actors import Actor
from processing_log.models import Checkpoint, Mandate

ACTOR = Actor.system("mail_checkpoints")


def mail_checkpoints(at: datetime) -> int:
    """To those whose last one is as old as the profile says, if the log has grown since. The number of mails."""
    newest = publication.newest_checkpoint()
    if newest is None:
        return 0
    every = timedelta(hours=profiles.current().checkpoint_mail_hours)
    due = mandates.due_for_mail(newest.size, at, every)
    return sum(_mail(mandate, newest, at) for mandate in due)


def _mail(mandate: Mandate, newest: Checkpoint, at: datetime) -> bool:
    user = User.objects.filter(pk=mandate.auditor, is_active=True).first()
    if user is None:
        return False
    with processing("security", actor=ACTOR, reason=f"size={newest.size}") as act:
        if not mandates.note_mailed(mandate_id=mandate.pk, size=newest.size, at=at):
            return False
        notifications.send(
            subject_id=user.subject_id,
            template="log_checkpoint",
            context={
                "size": newest.size,
                "happened_at": newest.signed_at,
                "note": str(witnesses.with_cosignatures(newest)),
                "public_url": links.to("log:checkpoint"),
                "check_url": links.to("audit:kept"),
            },
            language=user.language,
            purpose="security",
            at=at,
        )
        act.record(Fact.CHECKPOINT_MAILED.value, subject=user.subject_id)
    return True
