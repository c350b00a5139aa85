"""A process with the portal's settings that does one thing and says in JSON what came of it.

`python -m benchmarks.question.clerk prepare | statements PRESENT | withdraw SECONDS PERSON…`
"""

import json
import random
import sys
from collections.abc import Callable
from datetime import timedelta
from time import monotonic, perf_counter
from typing import Any, Final
from uuid import UUID

import django

from benchmarks.question import crowd

PURPOSE: Final = "surveys"
WITHDRAWERS: Final = 100
QUESTIONS: Final = 2_000
ROUNDS: Final = 7
_BARE: Final = "SELECT may FROM bench_bare WHERE id = $1::uuid"


def prepare() -> Any:
    """A key, and people who gave their consent by the services: the first is the pattern of all others."""
    from consent.publishing import publish_profile
    from law import clock
    from personal_data.models import Subject, SubjectKind
    from processing_log.actors import Actor
    from profiles import current
    from systems.services import make_key

    now, actor = clock.now(), Actor.system("bench")
    publish_profile(current(), actor=actor, at=now)
    people = [Subject.objects.create_for(kind=SubjectKind.USER, at=now).pk for _ in range(WITHDRAWERS)]
    for person in people:
        _give(person)
    key = make_key(
        name="bench", purposes=[PURPOSE], per_minute=100_000_000, expires_at=now + timedelta(days=1),
        actor=actor, at=now,
    )  # fmt: skip
    return {"key": key.secret, "people": [str(person) for person in people]}


def statements(key: str, present: str) -> Any:
    """Seconds per question's statement and per bare look-up by primary key, in rounds; and the plan."""
    from django.db import connection

    from law import clock
    from systems import keys, question
    from systems.prepared import Prepared

    digest = keys.digest(key)
    people = [crowd.person(random.randrange(int(present))) for _ in range(QUESTIONS)]

    look_up = Prepared("bare", _BARE)

    def bare(person: UUID) -> Any:
        return look_up.first([str(person).encode()])

    def asked(person: UUID) -> Any:
        return question.ask_one(digest, PURPOSE, person, clock.now())

    _seconds(bare, people), _seconds(asked, people)
    rounds = [[_seconds(asked, people), _seconds(bare, people)] for _ in range(ROUNDS)]
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN (ANALYZE, BUFFERS) EXECUTE may_one (%s, %s, %s, %s)", [digest, PURPOSE, people[0], clock.now()]
        )
        plan = [row[0] for row in cursor.fetchall()]
    return {"rounds": rounds, "plan": plan}


def _seconds(ask: Callable[[UUID], Any], people: list[UUID]) -> float:
    began = perf_counter()
    for person in people:
        found = ask(person)
        assert found
    return (perf_counter() - began) / len(people)


def withdraw(seconds: str, *people: str) -> Any:
    """Withdraws and gives again, as fast as it goes; how many acts a second."""
    began, acts = monotonic(), 0
    while monotonic() - began < float(seconds):
        person = UUID(people[acts // 2 % len(people)])
        _withdraw(person)
        _give(person)
        acts += 2
    return acts / (monotonic() - began)


def _give(person: UUID) -> None:
    """The page is shown and its button pressed."""
    from consent import showing
    from consent.models import ConsentTextVersion
    from consent.selectors import show_consent
    from consent.services import give_consent
    from law import clock

    text = ConsentTextVersion.objects.filter(purpose=PURPOSE).latest("version")
    shown = showing.show(subject_id=person, shown=show_consent(text, "ru"), actor=_actor(person), at=clock.now())
    give_consent(subject_id=person, purpose=PURPOSE, nonce=shown.nonce, actor=_actor(person), at=clock.now())


def _withdraw(person: UUID) -> None:
    from consent.services import withdraw_consent
    from law import clock

    withdraw_consent(subject_id=person, purpose=PURPOSE, actor=_actor(person), at=clock.now())


def _actor(person: UUID) -> Any:
    from processing_log.actors import Actor, ActorKind

    return Actor(kind=ActorKind.USER, id=str(person), subject_id=person)


WORKS: Final[dict[str, Callable[..., Any]]] = {work.__name__: work for work in (prepare, statements, withdraw)}

if __name__ == "__main__":
    answers, sys.stdout = sys.stdout, sys.stderr
    django.setup()
    print(json.dumps(WORKS[sys.argv[1]](*sys.argv[2:])), file=answers)
