"""A long stream in overlapping windows, so that memory stays bounded and nothing is lost where one ends."""

from collections.abc import Iterable, Iterator
from typing import Final

WINDOW: Final = 4 * 1024 * 1024
OVERLAP: Final = 256 * 1024  # an encoded value up to this long is whole in one window or the next


def in_windows(chunks: Iterable[bytes], *, size: int = WINDOW, overlap: int = OVERLAP) -> Iterator[tuple[int, bytes]]:
    """(offset, window); each but the last has `size` bytes or more, and each begins with the end of the one before."""
    window = bytearray()
    offset = 0
    has_news = False
    for chunk in chunks:
        window += chunk
        has_news = True
        if len(window) >= size:
            yield offset, bytes(window)
            offset += len(window) - overlap
            del window[:-overlap]
            has_news = False
    if has_news:
        yield offset, bytes(window)
