"""The table of destruction, and the file with every figure."""

import json
import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.report import RESULTS, aligned, spread

REACH: Final = 1.5
FLAT_REACH: Final = 1.25
TITLES: Final = {"portal": "portal: all of a destruction", "django": "Django .delete(), and no evidence"}


@dataclass(kw_only=True)
class Found:
    """By number of people present, seconds of each way: by the clock (`rounds`), and of processors (`work`)."""

    leaving: int
    rounds: dict[int, list[dict[str, float]]] = field(default_factory=dict)
    work: dict[int, list[dict[str, float]]] = field(default_factory=dict)


def lines(found: Found) -> list[str]:
    table = [["people present", "", "ms a person", "to a plain DELETE", "reach", "by processor time"]]
    of_portal = {}
    for present, rounds in found.rounds.items():
        plain = median(each["plain"] for each in rounds) / found.leaving * 1000
        table.append([f"{present:,}", "plain DELETE of the same rows", f"{plain:.2f}", "1", "", "1"])
        for way, title in TITLES.items():
            cost = median(each[way] for each in rounds) / found.leaving * 1000
            ratios = sorted(each[way] / each["plain"] for each in rounds)
            worked = sorted(each[way] / each["plain"] for each in found.work[present])
            reach = f"≤ {REACH}: {_verdict(median(ratios) <= REACH)}" if way == "portal" else ""
            table.append(["", title, f"{cost:.2f}", spread(ratios), reach, spread(worked)])
            if way == "portal":
                of_portal[present] = cost
    told = ["", f"Destroying {found.leaving:,} people with 20 rows each", "", *aligned(table)]
    if len(of_portal) > 1:
        growth = of_portal[max(of_portal)] / of_portal[min(of_portal)]
        told.append(
            f"from {min(of_portal):,} to {max(of_portal):,} present a person costs {growth:.2f} times as much "
            f"(reach: ≤ {FLAT_REACH}: {_verdict(growth <= FLAT_REACH)})"
        )
    return told


def _verdict(is_reached: bool) -> str:
    return "yes" if is_reached else "no"


def write(found: Found) -> Path:
    at = datetime.now(UTC)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{at:%Y%m%d-%H%M%S}-destruction.json"
    machine = {"at": at.isoformat(), "machine": platform.platform()}
    path.write_text(json.dumps({**machine, **asdict(found)}, indent=1))
    return path
