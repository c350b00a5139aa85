"""The part of `make bench` about the log's tree and exports. BENCH_EVENTS=100000,1000000 says how many are there."""

import json
import os
import shutil
import statistics
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from tqdm import tqdm

from benchmarks import place
from benchmarks.place import Place
from operator_portal.embedded.home import ROOT

EVENTS: Final = tuple(int(number) for number in os.environ.get("BENCH_EVENTS", "100000").split(","))
ROUNDS: Final = int(os.environ.get("BENCH_ROUNDS", "3"))
SETTINGS: Final = "benchmarks.settings"
#: in which the works are done, and the whole portal beside it, for its memory alone
ALONE: Final = "benchmarks.log.alone"
WHOLE: Final = "benchmarks.log.settings"
IN_WHOLE: Final = "csv in the whole portal"
RESULTS: Final = place.HERE / "results"
#: work → (beside what, its name, the ratio to reach, megabytes to stay under)
ROWS: Final[dict[str, tuple[str, str, float | None, int | None]]] = {
    "sequence": ("hash", "sequencing (read, hash, store leaves and tiles)", None, None),
    "sign": ("hash", "reading everything again before signing", None, None),
    "csv": ("copy", "export as CSV", 1.5, 80),
    "jsonl": ("copy", "export as JSON Lines", 3.5, 80),
    "zip": ("copy", "export as ZIP with proof", None, None),
    "xlsx": ("copy", "export as XLSX", None, None),
    "verify": ("hash", "verifying the ZIP", 8.0, None),
}
ONCE: Final = ("sequence", "sign", "xlsx")

_MAKE: Final = """
INSERT INTO processing_log_event (actor_kind, actor_id, operation, fact, subject, categories, purpose, basis, system,
    reason, context)
SELECT 'staff', gen_random_uuid()::text, 'extract', '', gen_random_uuid(), '{email,name}', 'rights', '6.1.2',
    'Operator Portal', '2026-' || n, gen_random_uuid() FROM generate_series(1, %s) n
"""

Figures = dict[str, list[dict[str, float]]]


def measure() -> None:
    for number in EVENTS:
        _measure(number)


def _measure(number: int) -> None:
    home = place.locate()
    with ExitStack() as stack:
        postgres = place.start(home)
        stack.callback(postgres.stop)
        at = Place(home, postgres, "bench_log")
        at.make()
        stack.callback(at.drop)
        folder = home.path / "exports"
        folder.mkdir(exist_ok=True)
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        print(f"\nPreparing {number:,} events …", flush=True)
        place.manage(place.OURS, SETTINGS, at.environment(), "migrate", "--no-input", "--skip-checks", "-v", "0")
        with postgres.connect(at.database) as connection:
            connection.execute(_MAKE.encode(), [number])
        at.settle()
        found = _rounds(at, folder)
    print("\n".join(_lines(found, number)))
    print(f"\nEvery round is in {_write(found, number)}")


def _rounds(at: Place, folder: Path) -> Figures:
    found: Figures = {}
    order = [*ONCE[:2], *(["hash", "copy", "csv", "jsonl", "zip", "verify"] * ROUNDS), ONCE[2]]
    for work in tqdm(order, unit="work"):
        found.setdefault(work, []).append(_work(at, work, folder))
    return found | {IN_WHOLE: [_work(at, "csv", folder, settings=WHOLE)]}


def _work(at: Place, work: str, folder: Path, *, settings: str = ALONE) -> dict[str, float]:
    done = subprocess.run(
        [place.OURS, "-m", "benchmarks.log.clerk", work, folder],
        env={**os.environ, **at.environment(), "DJANGO_SETTINGS_MODULE": settings, "PYTHONPATH": str(ROOT)},
        cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _median(found: Figures, work: str, figure: str) -> float:
    return statistics.median(each[figure] for each in found[work])


def _lines(found: Figures, number: int) -> list[str]:
    hash_, copy = _median(found, "hash", "seconds"), _median(found, "copy", "seconds")
    beside_copy = f"COPY TO STDOUT ({copy:.2f} s, {_median(found, 'copy', 'memory'):.0f} MB)"
    lines = [
        "",
        f"The log of {number:,} events: ratio to hashing alone ({hash_:.2f} s), or to {beside_copy}",
        f"{'':52}{'ratio':>8}{'reach':>8}{'events/s':>12}{'memory':>10}",
    ]
    for work, (beside, title, reach, most) in ROWS.items():
        seconds, memory, own = (_median(found, work, figure) for figure in ("seconds", "memory", "own"))
        ratio = seconds / (hash_ if beside == "hash" else copy)
        told = f"{memory:.0f} MB, of which {own:.0f} for the work" + (f" ≤ {most}" if most else "")
        wanted = f"≤ {reach}" if reach else ""
        lines.append(f"{title + ' / ' + beside:52}{ratio:8.2f}{wanted:>8}{number / seconds:12,.0f}  {told}")
    memory, own = (_median(found, IN_WHOLE, figure) for figure in ("memory", "own"))
    return [
        *lines,
        f"CSV in a process that has loaded the whole portal: {memory:.0f} MB, of which {own:.0f} for the work",
    ]


def _write(found: Figures, number: int) -> Path:
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"log-{number}-{time.strftime('%Y%m%d-%H%M%S')}.json"
    content: dict[str, Any] = {"events": number, "rounds": found}
    file.write_text(json.dumps(content, indent=2) + "\n")
    return file
