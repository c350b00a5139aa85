"""What is measured, by whom, and what is to be reached (ratios to plain Django in the same run)."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Row:
    """`figure` is what a work answers under this name. `reach` is the ratio that the portal may have at most; with
    `not_above` it may also not be above that peer's in the same run."""

    figure: str
    title: str
    reach: float | None = None
    not_above: str = ""
    peers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Section:
    """`beside` is the one to whom the portal's ratio is; the peers' is to plain Django."""

    title: str
    beside: str = "plain"
    peers: tuple[str, ...]
    rows: tuple[Row, ...]


SILENT: Final = "portal without its log"
#: the least that opening can cost in Python: see benchmarks/sealed/limit.py
LIMIT: Final = "bare limit"
_SEALING: Final = ("fernet", "django-cryptography", "pgcrypto")
_LOGS: Final = ("auditlog", "simple-history", "pghistory")

SECTIONS: Final = (
    Section(
        title="Sealed fields: ratio to plain Django fields",
        peers=(LIMIT, *_SEALING),
        rows=(
            Row(figure="list_all", title="list 1,000 rows, read all 5", reach=2.5, peers=(LIMIT, *_SEALING)),
            Row(figure="list_all_closed", title="  … and 1,000 events in the log, committed"),
            Row(figure="list_two", title="list 1,000 rows, read 2 of 5", reach=2.0, peers=(LIMIT, *_SEALING)),
            Row(figure="list_two_closed", title="  … and 1,000 events in the log, committed"),
            Row(figure="render", title="the same rendered as an HTML table", reach=1.4, peers=_SEALING),
            Row(figure="render_closed", title="  … and 1,000 events in the log, committed"),
            Row(figure="get", title="get by e-mail, read all 5", reach=1.3),
            Row(figure="get_closed", title="  … as an act of its own, logged, committed"),
            Row(figure="update_one", title="get, update one field, commit", reach=1.15, peers=_SEALING),
            Row(figure="bulk_create", title="bulk create, per person (ours: COPY)", reach=3.0, peers=_SEALING),
        ),
    ),
    Section(
        title="Writing the log: ratio to the same change without a log",
        beside=SILENT,
        peers=_LOGS,
        rows=(
            Row(
                figure="update_one", title="one change in a transaction", reach=1.3, not_above="pghistory", peers=_LOGS
            ),
            Row(figure="change_one", title="  … the row being in hand already", peers=_LOGS),
            Row(figure="change_twenty", title="20 changes in a transaction", reach=1.3, peers=_LOGS),
            Row(
                figure="update_many", title="QuerySet.update() of 2,000 rows", not_above="pghistory",
                peers=("pghistory",),
            ),
        ),
    ),
)  # fmt: skip

#: work → figures it answers
FIGURES: Final = {
    "list_all": ("list_all", "list_all_closed"),
    "list_two": ("list_two", "list_two_closed"),
    "render": ("render", "render_closed"),
    "get": ("get", "get_closed"),
    "update_one": ("update_one",),
    "bulk_create": ("bulk_create",),
    "change_one": ("change_one",),
    "change_twenty": ("change_twenty",),
    "update_many": ("update_many",),
}

WRITERS: Final = 8
WRITERS_REACH: Final = 0.9


def competes(contestant: str, work: str, *, beside: str) -> bool:
    rows = [row for section in SECTIONS if beside in ("plain", section.beside) for row in section.rows]
    rows = [row for row in rows if row.figure in FIGURES[work]]
    return bool(rows) and (contestant == "portal" or any(contestant in row.peers for row in rows))
