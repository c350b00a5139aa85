"""The term of the log itself, by the profile: whole months go when they are past it."""

from datetime import datetime

import profiles
from personal_data.scope import processing
from processing_log import past_term
from processing_log.actors import Actor
from processing_log.facts import Fact

ACTOR = Actor.system("remove_old_log")


def remove_old_log(at: datetime) -> int:
    """How many months went. Can run twice, and is to run often: what it announces goes when that is signed."""
    return past_term.remove(profiles.current().log_months, at, announce=_announce)


def _announce(words: str) -> None:
    with processing("retention", actor=ACTOR) as act:
        act.record(Fact.LOG_PAST_TERM.value, reason=words)
