"""Charts drawn by the server as SVG inside a table of the same figures: no script, and nothing to say twice."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

#: A bar's track is this many units wide; the drawing stretches to the width of its cell.
TRACK: Final = 100
SMALLEST: Final = 0.5


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One row of a bar chart. `shown` replaces the bare figure; tone is "", "warn" or "bad"."""

    label: str
    value: float
    shown: str = ""
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class DrawnBar:
    label: str
    shown: str
    tone: str
    width: float


def draw_bars(bars: Iterable[Bar | tuple[str, float]]) -> tuple[DrawnBar, ...]:
    """Horizontal bars, the longest filling the track; (label, value) pairs are taken as well."""
    rows = [bar if isinstance(bar, Bar) else Bar(label=str(bar[0]), value=bar[1]) for bar in bars]
    longest = max((row.value for row in rows), default=0)
    return tuple(
        DrawnBar(
            label=row.label, shown=row.shown or f"{row.value:.12g}", tone=row.tone, width=_width(row.value, longest)
        )
        for row in rows
    )


def _width(value: float, longest: float) -> float:
    if value <= 0 or longest <= 0:
        return 0
    return max(round(TRACK * value / longest, 1), SMALLEST)
