"""A process with the portal's settings that makes one person, and answers them again and again.

`python -m benchmarks.answer.clerk prepare | measure PERSON ROUNDS`
"""

import gc
import json
import random
import sys
from collections.abc import Callable
from datetime import timedelta
from time import perf_counter
from typing import Any, Final
from uuid import UUID

import django

EVENTS: Final = 200
MESSAGES: Final = 20
TIMES: Final = 20
#: What a bare function returns of the same rows. It knows which tables there are rows in; the portal asks all.
_FUNCTION: Final = """CREATE FUNCTION public.bench_answer(person uuid) RETURNS json LANGUAGE sql STABLE AS $$
SELECT json_build_object({tables}, 'log', (SELECT json_agg(to_json(e)) FROM (SELECT * FROM public.processing_log_event
WHERE subject = person ORDER BY at DESC, id DESC) e)) $$"""
_TABLE: Final = "'{table}', (SELECT json_agg(to_json(t0)) FROM {source} WHERE {where})"


def prepare() -> Any:
    """Somebody with an account, a subscription, a consent, a request and its messages, made by the services."""
    from access.roles import Role
    from accounts.services import create_user
    from benchmarks.question.clerk import _give
    from billing.services import open_subscription
    from consent.publishing import publish_profile
    from law import clock
    from processing_log.actors import Actor
    from profiles import current

    now, actor = clock.now(), Actor.system("bench")
    publish_profile(current(), actor=actor, at=now)
    names = {"last_name": "Белова", "first_name": "Мария", "patronymic": "Сергеевна"}
    user = create_user(address="maria@example.org", role=Role.USER, language="ru", at=now, by=actor, names=names)
    person = user.subject_id
    open_subscription(
        subject_id=person, starts_on=now.date(), ends_on=now.date() + timedelta(days=300), actor=actor, at=now
    )
    _give(person)
    _write(person, user.actor, now)
    _log(person)
    return {"person": str(person), "function": _function(person)}


def _write(person: UUID, actor: Any, now: Any) -> None:
    from subject_requests.kinds import RequestKind
    from subject_requests.services import add_words, file_request

    filed = file_request(
        subject_id=person, kinds=[RequestKind.ACCESS], text="Что обо мне есть?", language="ru", actor=actor, at=now
    )
    for number in range(1, MESSAGES):
        words = f"Сообщение {number}: " + "слова о том, что было и чего не было. " * 4
        add_words(request_id=filed.pk, text=words, actor=actor, at=now + timedelta(minutes=number))


def _log(person: UUID) -> None:
    from django.db import connection

    from personal_data.scope import processing
    from processing_log.actors import Actor, ActorKind
    from processing_log.models import Event

    missing = EVENTS - Event.objects.filter(subject=person).count()
    clerks = [Actor(kind=ActorKind.STAFF, id=str(UUID(int=random.getrandbits(128)))) for _ in range(5)]
    for number in range(missing):
        with processing("rights", actor=random.choice(clerks), reason=f"answer 2026-{number % 9:06}") as act:
            act.record("", operation="extract", subject=person, categories=["email"])
    connection.close()


def _function(person: UUID) -> str:
    """The tables that the person has rows in, whole."""
    from personal_data.gathering import gather, way_to_subject
    from personal_data.scope import processing
    from processing_log.actors import Actor

    tables = []
    with processing("rights", actor=Actor.system("bench")):
        for holding, _ in gather(person).rows:
            source, where = way_to_subject(holding)
            table = holding.model._meta.db_table
            tables.append(_TABLE.format(table=table, source=source, where=where.replace("%(subject)s", "person")))
    return _FUNCTION.format(tables=", ".join(tables))


def measure(person: str, rounds: str) -> Any:
    """Seconds for an answer, by way, in rounds; and what was in it."""
    told = {"rounds": _play({"bare": _bare, "own": _own, "gathered": _gathered}, UUID(person), int(rounds))}
    return {
        **told,
        **_size(UUID(person)),
        # each of these leaves an event, so they come last
        "logged": _play({"bare": _bare, "staff": _by_staff}, UUID(person), int(rounds)),
    }


def _play(ways: dict[str, Callable[[UUID], Any]], person: UUID, rounds: int) -> list[dict[str, float]]:
    found = []
    for number in range(rounds + 1):
        names = random.sample([*ways], len(ways))
        seconds = {name: _seconds(ways[name], person) for name in names}
        if number:  # the first one warms up
            found.append(seconds)
    return found


def _seconds(answer: Callable[[UUID], Any], person: UUID) -> float:
    gc.collect()
    began = perf_counter()
    for _ in range(TIMES):
        assert answer(person)
    return (perf_counter() - began) / TIMES


def _bare(person: UUID) -> Any:
    """Asked for as the portal asks: prepared, one text, in a transaction."""
    from django.db import transaction

    from personal_data.reading import fetch_prepared

    with transaction.atomic():
        return fetch_prepared("SELECT public.bench_answer(%(person)s)::text", {"person": person}, "default")[0][0]


def _gathered(person: UUID) -> Any:
    """The rows alone, nothing opened."""
    from personal_data.gathering import gather
    from personal_data.scope import processing

    with processing("rights", actor=_themself(person)):
        return gather(person)


def _own(person: UUID) -> Any:
    """The whole answer as JSON, for the person: everything opened, nothing to log."""
    return _answer(person, _themself(person))


def _by_staff(person: UUID) -> Any:
    """The same where the opening is logged and committed."""
    from processing_log.actors import Actor

    return _answer(person, Actor.system("bench"))


def _answer(person: UUID, actor: Any) -> bytes:
    """In the language of the request, as the worker makes it."""
    from django.utils import translation

    from law import clock
    from personal_data.scope import processing
    from subject_requests.answers.archive import as_json
    from subject_requests.answers.document import make_document

    with translation.override("ru"), processing("rights", actor=actor):
        return as_json(make_document(person, at=clock.now()).document)


def _themself(person: UUID) -> Any:
    from processing_log.actors import Actor, ActorKind

    return Actor(kind=ActorKind.USER, id=str(person), subject_id=person)


def _size(person: UUID) -> dict[str, int]:
    from personal_data.gathering import gather
    from personal_data.scope import processing

    with processing("rights", actor=_themself(person)):
        gathered = gather(person)
        opened = sum(field.is_held(row) for holding, rows in gathered.rows for row in rows for field in holding.fields)
        rows = sum(len(rows) for _, rows in gathered.rows)
    return {"tables": len(gathered.rows), "rows": rows, "opened": opened, "events": len(gathered.acts)}


WORKS: Final[dict[str, Callable[..., Any]]] = {work.__name__: work for work in (prepare, measure)}

if __name__ == "__main__":
    answers, sys.stdout = sys.stdout, sys.stderr
    django.setup()
    print(json.dumps(WORKS[sys.argv[1]](*sys.argv[2:])), file=answers)
