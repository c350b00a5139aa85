"""The tables that are printed, and the file with every figure that is written."""

import json
import platform
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.table import SECTIONS, WRITERS, WRITERS_REACH, Row, Section

RESULTS: Final = Path(__file__).resolve().parent / "results"

#: (contestant, beside whom, figure) → (seconds, seconds of the one beside) of each round
Measured = dict[tuple[str, str, str], list[tuple[float, float]]]
#: contestant → changes a second of each round
Rates = dict[str, list[float]]


def ratios(measured: Measured, contestant: str, figure: str, beside: str = "plain") -> list[float]:
    return sorted(seconds / other for seconds, other in measured.get((contestant, beside, figure), []))


def spread(found: list[float]) -> str:
    return f"{median(found):.2f} ({found[0]:.2f}–{found[-1]:.2f})" if found else "–"


def lines(measured: Measured, rates: Rates, subjects: int) -> list[str]:
    return [
        *(line for section in SECTIONS for line in _section(section, measured, subjects)),
        *_writers(rates, subjects),
    ]


def _section(section: Section, measured: Measured, subjects: int) -> list[str]:
    own = ["portal", "reach"] if section.beside == "plain" else ["portal's log", "reach", "portal to plain"]
    table = [_cells(row, section, measured) for row in section.rows]
    title = f"{section.title} ({subjects:,} people)"
    return ["", title, "", *aligned([["", "plain, ms", *own, *section.peers], *table])]


def _cells(row: Row, section: Section, measured: Measured) -> list[str]:
    plain = [seconds for _, seconds in measured.get(("portal", "plain", row.figure), [])]
    cells = [
        row.title,
        f"{median(plain) * 1000:.2f}" if plain else "–",
        spread(ratios(measured, "portal", row.figure, section.beside)),
        _reach(row, section, measured),
    ]
    if section.beside != "plain":
        cells.append(spread(ratios(measured, "portal", row.figure)))
    return cells + [spread(ratios(measured, peer, row.figure)) if peer in row.peers else "–" for peer in section.peers]


def _reach(row: Row, section: Section, measured: Measured) -> str:
    own = ratios(measured, "portal", row.figure, section.beside)
    limits = [row.reach] if row.reach else []
    if row.not_above and (peer := ratios(measured, row.not_above, row.figure)):
        limits.append(median(peer))
    if not limits or not own:
        return ""
    said = " and ".join(([f"≤ {row.reach}"] if row.reach else []) + ([f"≤ {row.not_above}"] if row.not_above else []))
    return f"{said}: {'yes' if median(own) <= min(limits) else 'no'}"


def _writers(rates: Rates, subjects: int) -> list[str]:
    if not rates:
        return []
    kept = {
        name: sorted(rate / plain for rate, plain in zip(found, rates["plain"], strict=True))
        for name, found in rates.items()
    }
    beside = sorted(own / log for own, log in zip(rates["portal"], rates["hand-written log"], strict=True))
    verdict = "yes" if median(beside) >= WRITERS_REACH else "no"
    return [
        "",
        f"{WRITERS} writers at once ({subjects:,} people)",
        "",
        *aligned(
            [["", "changes a second", "kept of the unlogged rate"]]
            + [[name, f"{median(rates[name]):,.0f}", spread(kept[name])] for name in rates]
        ),
        f"portal beside the hand-written log: {spread(beside)}, reach ≥ {WRITERS_REACH}: {verdict}",
    ]


def aligned(table: list[list[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]


def write(measured: Measured, rates: Rates, subjects: int) -> Path:
    RESULTS.mkdir(exist_ok=True)
    at = datetime.now(UTC)
    file = RESULTS / f"{at:%Y%m%d-%H%M%S}-{subjects}.json"
    document = {
        "at": at.isoformat(),
        "machine": platform.platform(),
        "subjects": subjects,
        "seconds": [
            {"contestant": contestant, "beside": beside, "figure": figure, "rounds": rounds}
            for (contestant, beside, figure), rounds in measured.items()
        ],
        "changes_a_second": rates,
    }
    file.write_text(json.dumps(document, indent=1))
    return file
