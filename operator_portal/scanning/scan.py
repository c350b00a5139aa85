"""One scan: every chosen place in its turn."""

from collections.abc import Iterable, Sequence

from tqdm import tqdm

from operator_portal.scanning.needles import Needles
from operator_portal.scanning.places.place import Place
from operator_portal.scanning.report import Report


def scan(places: Iterable[Place], needles: Needles, *, allowed: Sequence[str] = (), quiet: bool = False) -> Report:
    """The progress is drawn on a terminal only, and never with `quiet`."""
    report = Report(allowed=frozenset(allowed))
    chosen = list(places)
    total = sum(place.size() for place in chosen)
    with tqdm(total=total, unit="B", unit_scale=True, disable=True if quiet else None, leave=False) as bar:
        for place in chosen:
            bar.set_description(place.name)
            report.begin(place.name)
            place.scan(needles, report, bar.update)
    return report
