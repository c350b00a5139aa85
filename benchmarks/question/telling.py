"""The tables of the consent question, and the file with every figure."""

import json
import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.report import RESULTS, aligned, spread

KEPT_REACH: Final = 0.5
FLAT_REACH: Final = 1.25
TAIL_REACH: Final = 10

Figures = dict[str, float]


@dataclass(kw_only=True)
class Found:
    """`rounds`: by way, of the question and of the constant beside it. `statements`: by number of consents."""

    consents: int
    rounds: dict[str, list[dict[str, Figures]]] = field(default_factory=dict)
    calm: list[Figures] = field(default_factory=list)
    withdrawing: list[Figures] = field(default_factory=list)
    statements: dict[int, Any] = field(default_factory=dict)

    def peak(self) -> float:
        """Questions a second, as shipped."""
        return median(each["question"]["rate"] for each in next(iter(self.rounds.values())))


def lines(found: Found) -> list[str]:
    return [*_rates(found), *_waiting(found), *_statements(found)]


def _rates(found: Found) -> list[str]:
    table = [["", "constant, a second", "question, a second", "kept of the rate", "reach"]]
    for way, rounds in found.rounds.items():
        kept = sorted(each["question"]["rate"] / each["constant"]["rate"] for each in rounds)
        rates = [f"{median(each[side]['rate'] for each in rounds):,.0f}" for side in ("constant", "question")]
        table.append([way, *rates, spread(kept), f"≥ {KEPT_REACH}: {_verdict(median(kept) >= KEPT_REACH)}"])
    return [
        "",
        f"Consent question: the same view with and without it ({found.consents:,} consents)",
        "",
        *aligned(table),
    ]


def _waiting(found: Found) -> list[str]:
    table = [["", "p50, ms", "p99, ms", "reach"]]
    full = [each["question"] for each in next(iter(found.rounds.values()))]
    acts = median(each["acts"] for each in found.withdrawing)
    for title, rounds, has_reach in (
        ("at the full rate", full, False),
        ("at half of it", found.calm, True),
        (f"at half of it, {acts:,.0f} withdrawals and grants a second beside", found.withdrawing, False),
    ):
        p50, p99 = (median(each[figure] for each in rounds) * 1000 for figure in ("p50", "p99"))
        reach = f"p99 ≤ {TAIL_REACH} × p50: {_verdict(p99 <= TAIL_REACH * p50)}" if has_reach else ""
        table.append([title, f"{p50:.2f}", f"{p99:.2f}", reach])
    return ["", f"How long an answer takes ({found.peak():,.0f} questions a second at most)", "", *aligned(table)]


def _statements(found: Found) -> list[str]:
    table = [["consents", "question, µs", "bare look-up, µs", "ratio"]]
    ratios = {}
    for present, answer in found.statements.items():
        asked, bare = (median(each[side] for each in answer["rounds"]) * 1e6 for side in (0, 1))
        ratios[present] = median(each[0] / each[1] for each in answer["rounds"])
        own = sorted(each[0] / each[1] for each in answer["rounds"])
        table.append([f"{present:,}", f"{asked:.0f}", f"{bare:.0f}", spread(own)])
    told = ["", "What the question asks of PostgreSQL, beside one bare look-up by primary key", "", *aligned(table)]
    if len(ratios) > 1:
        growth = ratios[max(ratios)] / ratios[min(ratios)]
        told.append(
            f"from {min(ratios):,} to {max(ratios):,} consents it grows by {growth:.2f}, "
            f"reach ≤ {FLAT_REACH}: {_verdict(growth <= FLAT_REACH)}"
        )
    return told


def _verdict(is_reached: bool) -> str:
    return "yes" if is_reached else "no"


def write(found: Found) -> Path:
    RESULTS.mkdir(exist_ok=True)
    at = datetime.now(UTC)
    file = RESULTS / f"{at:%Y%m%d-%H%M%S}-question.json"
    file.write_text(json.dumps({"at": at.isoformat(), "machine": platform.platform(), **asdict(found)}, indent=1))
    return file
