"""Other people in the texts that a person is given (152-FZ, article 14, part 2): a marked gap stands in their place.

Addresses and telephone numbers are found here. Names are not: staff look at what was written, and leave out a text.
"""

import re
from collections.abc import Iterable
from typing import Final

from personal_data.blind_index import normalise_email

ADDRESS: Final = re.compile(r"[^\s@<>()\[\],;:\"']+@[^\s@<>()\[\],;:\"']+\.[^\W\d_]{2,}")
TELEPHONE: Final = re.compile(r"(?<![\w+])(?:\+\d|[78])(?:[\s()-]{0,2}\d){9,12}(?!\w)")
#: In texts only; people are told in words what stands here (telling.py).
GAP: Final = "[…]"


def without_others(text: str, own: Iterable[str]) -> str:
    """The text with a gap for each address and number that is none of `own`."""
    known = {normalise_email(value) if "@" in value else _digits(value) for value in own}
    text = ADDRESS.sub(lambda found: _kept(found.group(), normalise_email(found.group()), known), text)
    return TELEPHONE.sub(lambda found: _kept(found.group(), _digits(found.group()), known), text)


def _kept(said: str, normal: str, known: set[str]) -> str:
    return said if normal in known else GAP


def _digits(number: str) -> str:
    """The last ten: +7 and 8 are the same."""
    return re.sub(r"\D", "", number)[-10:]
