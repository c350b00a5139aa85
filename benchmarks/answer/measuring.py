"""The part of `make bench` about the answer to a request for information."""

import json
import os
import platform
import subprocess
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks import place
from benchmarks.place import Place
from benchmarks.report import RESULTS, aligned, spread
from operator_portal.embedded.home import ROOT

ROUNDS: Final = int(os.environ.get("BENCH_ROUNDS", "21"))
REACH: Final = 2.0
SETTINGS: Final = "operator_portal.settings"
_TITLES: Final = {
    "gathered": ("the rows, nothing opened", ""),
    "own": ("the whole answer, for the person", f"≤ {REACH:g}"),
    "staff": ("the whole answer, logged and committed", ""),
}


def measure() -> None:
    print("\nPreparing a person …", flush=True)
    home = place.locate()
    with ExitStack() as stack:
        postgres = place.start(home)
        stack.callback(postgres.stop)
        at = Place(home, postgres, "bench_answer")
        at.make()
        stack.callback(at.drop)
        place.manage(place.OURS, SETTINGS, at.environment(), "migrate", "--no-input", "--skip-checks", "-v", "0")
        made = _clerk(at, "prepare")
        with postgres.connect(at.database) as connection:
            connection.execute(made["function"].encode())
            connection.execute("GRANT EXECUTE ON FUNCTION public.bench_answer TO portal_app")
        at.settle()
        found = _clerk(at, "measure", made["person"], str(ROUNDS))
    print("\n".join(_lines(found)))
    print(f"\nEvery round is in {_write(found)}")


def _clerk(at: Place, *command: str) -> Any:
    done = subprocess.run(
        [place.OURS, "-m", "benchmarks.answer.clerk", *command],
        env={**os.environ, **at.environment(), "DJANGO_SETTINGS_MODULE": SETTINGS, "PYTHONPATH": str(ROOT)},
        cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def _lines(found: dict[str, Any]) -> list[str]:
    rounds = found["rounds"]
    bare = median(each["bare"] for each in rounds)
    table = [["", "ms", "to the bare function", "reach"], ["one bare SQL function", f"{bare * 1000:.2f}", "1", ""]]
    for way, (title, reach) in _TITLES.items():
        played = found["logged"] if way == "staff" else rounds
        ratios = sorted(each[way] / each["bare"] for each in played)
        verdict = f"{reach}: {'yes' if median(ratios) <= REACH else 'no'}" if reach else ""
        table.append([title, f"{median(each[way] for each in played) * 1000:.2f}", spread(ratios), verdict])
    counted = f"{found['tables']} tables, {found['rows']} rows, {found['opened']} values, {found['events']} events"
    return ["", f"Answer to a request for information ({counted})", "", *aligned(table)]


def _write(found: dict[str, Any]) -> Path:
    RESULTS.mkdir(exist_ok=True)
    at = datetime.now(UTC)
    file = RESULTS / f"{at:%Y%m%d-%H%M%S}-answer.json"
    file.write_text(json.dumps({"at": at.isoformat(), "machine": platform.platform(), **found}, indent=1))
    return file
