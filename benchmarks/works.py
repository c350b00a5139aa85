"""The works that are timed. Each is done by one contestant and answers seconds per unit of work, by name of the row.

Runs in every environment: imports Django and nothing of the portal."""

import random
from collections.abc import Callable
from time import perf_counter
from typing import Any, Final

from django.template import Context, Engine

from benchmarks import people
from benchmarks.contestants import Contestant

Figures = dict[str, float]

PAGE: Final = 1000
ACTS: Final = 40
WRITING_SECONDS: Final = 1.5
TABLE: Final = Engine().from_string(
    "<table>{% for p in people %}<tr><td>{{ p.number }}</td><td>{{ p.email }}</td><td>{{ p.last_name }}</td>"
    "<td>{{ p.first_name }}</td><td>{{ p.patronymic }}</td><td>{{ p.note }}</td></tr>\n{% endfor %}</table>"
)


def page(contestant: Contestant, present: int, *names: str) -> "Any":
    return contestant.page(random.randrange(0, present - PAGE + 1, PAGE), PAGE, names)


def somebody(present: int, count: int) -> list[int]:
    return random.sample(range(present), count)


def list_all(contestant: Contestant, present: int) -> Figures:
    """Opened: until the last value is in hand. Closed: until the log is written and committed."""
    rows = page(contestant, present, "email", "last_name", "first_name", "patronymic", "note")
    began = perf_counter()
    with contestant.reading():
        for person in rows:
            _ = person.email, person.last_name, person.first_name, person.patronymic, person.note
        opened = perf_counter()
    closed = perf_counter()
    return {"list_all": opened - began, "list_all_closed": closed - began}


def list_two(contestant: Contestant, present: int) -> Figures:
    rows = page(contestant, present, "email", "last_name")
    began = perf_counter()
    with contestant.reading():
        for person in rows:
            _ = person.email, person.last_name
        opened = perf_counter()
    closed = perf_counter()
    return {"list_two": opened - began, "list_two_closed": closed - began}


def render(contestant: Contestant, present: int) -> Figures:
    rows = page(contestant, present)
    began = perf_counter()
    with contestant.reading():
        TABLE.render(Context({"people": rows}))
        opened = perf_counter()
    closed = perf_counter()
    return {"render": opened - began, "render_closed": closed - began}


def get(contestant: Contestant, present: int) -> Figures:
    addresses = [people.values(number)["email"] for number in somebody(present, ACTS)]
    with contestant.reading():
        began = perf_counter()
        for address in addresses:
            person = contestant.rows.get(email=address)
            _ = person.email, person.last_name, person.first_name, person.patronymic, person.note
        found = (perf_counter() - began) / ACTS
    began = perf_counter()
    for address in addresses:
        with contestant.reading():
            person = contestant.rows.get(email=address)
            _ = person.email, person.last_name, person.first_name, person.patronymic, person.note
    return {"get": found, "get_closed": (perf_counter() - began) / ACTS}


def update_one(contestant: Contestant, present: int) -> Figures:
    numbers = somebody(present, ACTS)
    began = perf_counter()
    for number in numbers:
        with contestant.act():
            person = contestant.rows.get(number=number)
            contestant.change(person, random.choice(people.FIRST))
    return {"update_one": (perf_counter() - began) / ACTS}


def bulk_create(contestant: Contestant, present: int) -> Figures:
    first = contestant.next_number()
    began = perf_counter()
    with contestant.act():
        contestant.rows.bulk_create(contestant.build(range(first, first + PAGE)))
    return {"bulk_create": (perf_counter() - began) / PAGE}


def change_one(contestant: Contestant, present: int) -> Figures:
    """The row is in hand already: the change and its log, and nothing else."""
    rows = list(contestant.rows.filter(number__in=somebody(present, ACTS)))
    began = perf_counter()
    for person in rows:
        with contestant.act():
            contestant.change(person, random.choice(people.LAST))
    return {"change_one": (perf_counter() - began) / ACTS}


def change_twenty(contestant: Contestant, present: int) -> Figures:
    acts = 5
    numbers = [somebody(present, 20) for _ in range(acts)]
    began = perf_counter()
    for twenty in numbers:
        with contestant.act():
            for person in contestant.rows.filter(number__in=twenty):
                contestant.change(person, random.choice(people.LAST))
    return {"change_twenty": (perf_counter() - began) / acts}


def update_many(contestant: Contestant, present: int) -> Figures:
    count = 2 * PAGE
    first = random.randrange(0, present - count + 1, count)
    kept = contestant.keep_values(first, count)
    began = perf_counter()
    with contestant.act():
        changed = contestant.span(first, count).update(patronymic=None)
    took = perf_counter() - began
    assert changed == count
    contestant.bring_back(kept)
    return {"update_many": took}


def write_for(contestant: Contestant, present: int) -> Figures:
    """One of several writers at once: seconds per change, until the time is over."""
    numbers = somebody(present, 200)
    began, changes = perf_counter(), 0
    while perf_counter() - began < WRITING_SECONDS:
        with contestant.act():
            person = contestant.rows.get(number=numbers[changes % len(numbers)])
            contestant.change(person, random.choice(people.LAST))
        changes += 1
    return {"write_for": (perf_counter() - began) / changes}


WORKS: Final[dict[str, Callable[[Contestant, int], Figures]]] = {
    work.__name__: work
    for work in (
        list_all, list_two, render, get, update_one, bulk_create,
        change_one, change_twenty, update_many, write_for,
    )
}  # fmt: skip
