"""Columns over time, drawn by the server as SVG; the same figures stand in a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

HEIGHT: Final = 100
STEP: Final = 40
GAP: Final = 8
TOP: Final = 14
DIGIT: Final = 6
SMALLEST: Final = 1.0


@dataclass(frozen=True, kw_only=True)
class Column:
    """`value` is None where there is nothing to measure."""

    label: str
    value: float | None


@dataclass(frozen=True, kw_only=True)
class Series:
    title: str
    columns: Sequence[Column]


@dataclass(frozen=True, kw_only=True)
class DrawnColumn:
    """A rectangle and the figure above it; `row` numbers the series from 1."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    above: float
    shown: str
    row: int


@dataclass(frozen=True, kw_only=True)
class Label:
    x: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Drawing:
    width: float
    height: float
    base: float
    below: float
    columns: Sequence[DrawnColumn]
    labels: Sequence[Label]


def draw(series: Sequence[Series]) -> Drawing:
    """Series of one length beside each other; the highest column fills the height."""
    number = max((len(each.columns) for each in series), default=0)
    highest = max((column.value or 0 for each in series for column in each.columns), default=0)
    width = (STEP - GAP) / max(len(series), 1)
    drawn = [
        _drawn(column.value, highest, x=GAP / 2 + place * STEP + row * width, width=width, row=row + 1)
        for row, each in enumerate(series)
        for place, column in enumerate(each.columns)
        if column.value is not None
    ]
    labels = [
        Label(x=place * STEP + STEP / 2, text=column.label)
        for place, column in enumerate(series[0].columns if series else [])
    ]
    return Drawing(
        width=max(number * STEP, STEP),
        height=HEIGHT + TOP + 22,
        base=HEIGHT + TOP,
        below=HEIGHT + TOP + 14,
        columns=drawn,
        labels=labels,
    )


def _figure(value: float, width: float) -> str:
    """Only where it fits above its column; the table has all of them."""
    text = f"{value:.12g}"
    return text if value and len(text) * DIGIT <= width + GAP else ""


def _drawn(value: float, highest: float, *, x: float, width: float, row: int) -> DrawnColumn:
    height = max(round(HEIGHT * value / highest, 1), SMALLEST) if value > 0 and highest > 0 else 0.0
    return DrawnColumn(
        x=round(x + 1, 1),
        y=round(TOP + HEIGHT - height, 1),
        width=round(width - 2, 1),
        height=height,
        middle=round(x + width / 2, 1),
        above=round(TOP + HEIGHT - height - 3, 1),
        shown=_figure(value, width),
        row=row,
    )
