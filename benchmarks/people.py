"""Invented people, the same in every run and for every contestant."""

from collections.abc import Iterator

FIRST = ("Анна", "Яна", "Александра", "Пётр", "Владислав", "Ёла", "Иннокентий", "Мария-Луиза")
LAST = ("Ким", "Иванова", "Константинопольская", "Римский-Корсаков", "Ёжикова", "Соловьёв-Седой", "Цой", "Петренко")
PATRONYMIC = ("Ивановна", "Петрович", "Александровна", "Ильич", "Владиславовна")
NOTE = "Прошу писать по вторникам, обращение {:06}"

FIELDS = ("email", "last_name", "first_name", "patronymic", "note")


def values(number: int) -> dict[str, str]:
    """The five personal values of the person with this number."""
    return {
        "email": f"person{number}@example.org",
        "last_name": LAST[number % len(LAST)],
        "first_name": FIRST[number // 3 % len(FIRST)],
        "patronymic": PATRONYMIC[number // 7 % len(PATRONYMIC)],
        "note": NOTE.format(number),
    }


def batches(first: int, count: int, size: int = 1000) -> Iterator[range]:
    for start in range(first, first + count, size):
        yield range(start, min(start + size, first + count))
