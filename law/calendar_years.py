"""The years whose production calendar is settled by a Government decree on the transfer of days off.

Totals are the decree's own: a library release that counts otherwise fails a test instead of moving deadlines. When
the decree for a new year is out (each September), check the library against it and add the year here."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class CalendarYear:
    year: int
    working_days: int
    source: str


def _decree(year: int, working_days: int, document: str) -> CalendarYear:
    return CalendarYear(
        year=year, working_days=working_days, source=f"https://www.consultant.ru/document/cons_doc_LAW_{document}/"
    )


CONFIRMED: Final = {
    year.year: year
    for year in (
        _decree(2015, 247, "167928"),
        _decree(2016, 247, "186505"),
        _decree(2017, 247, "202871"),
        _decree(2018, 247, "280526"),
        _decree(2019, 247, "307996"),
        _decree(2020, 248, "328918"),
        _decree(2021, 247, "365179"),
        _decree(2022, 247, "395538"),
        _decree(2023, 247, "425407"),
        _decree(2024, 248, "455140"),
        _decree(2025, 247, "481586"),
        _decree(2026, 247, "515170"),
        _decree(2027, 247, "544706"),
    )
}
