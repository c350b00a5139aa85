"""Many small values searched together: rows of a table, keys of the broker."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from operator_portal.scanning.layers import SEPARATOR
from operator_portal.scanning.needles import Needles
from operator_portal.scanning.search import Hit, search
from operator_portal.scanning.windows import OVERLAP, WINDOW, in_windows

Label = TypeVar("Label")


@dataclass
class Batch(Generic[Label]):
    """`found` is told the label, the hit with its offset in the value, and the value; `cut`, where it held too much."""

    needles: Needles
    found: Callable[[Label, Hit, bytes], None]
    cut: Callable[[Label], None]
    _labels: list[Label] = field(default_factory=list)
    _values: list[bytes] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)
    _deflated: list[int] = field(default_factory=list)
    _length: int = 0

    def add(self, label: Label, value: bytes, *, deflated: Sequence[int] = (0,)) -> None:
        """`deflated`: where in the value a compressed stream without a mark may begin."""
        if len(value) > WINDOW:
            self._add_long(label, value)
            return
        self._labels.append(label)
        self._values.append(value)
        self._starts.append(self._length)
        self._deflated += [self._length + offset for offset in deflated]
        self._length += len(value) + len(SEPARATOR)
        if self._length >= WINDOW:
            self.flush()

    def flush(self) -> None:
        if not self._labels:
            return
        result = search(SEPARATOR.join(self._values), self.needles, starts=self._deflated)
        for hit in result.hits:
            index = bisect_right(self._starts, hit.offset) - 1
            self.found(self._labels[index], replace(hit, offset=hit.offset - self._starts[index]), self._values[index])
        if result.is_cut:
            self.cut(self._labels[0])
        self._labels, self._values, self._starts, self._deflated, self._length = [], [], [], [], 0

    def _add_long(self, label: Label, value: bytes) -> None:
        chunks = (value[start : start + WINDOW] for start in range(0, len(value), WINDOW))
        for start, window in in_windows(chunks, size=WINDOW, overlap=OVERLAP):
            result = search(window, self.needles)
            for hit in result.hits:
                self.found(label, replace(hit, offset=start + hit.offset), value)
            if result.is_cut:
                self.cut(label)
