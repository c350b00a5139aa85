"""Russian text from its bytes, when the label of the charset is missing or wrong, as it often is in mail."""

import codecs
from collections import Counter
from typing import Final

#: Old encodings of Russian, all of them decode any bytes into something.
_RUSSIAN: Final = ("windows-1251", "koi8-r", "cp866", "iso8859-5")
#: Labels that programs write without knowing: what stands there is looked at.
_EMPTY_LABELS: Final = frozenset(
    {"", "ascii", "us-ascii", "iso8859-1", "iso-8859-1", "latin-1", "latin1", "windows-1252", "cp1252", "utf-8", "utf8"}
    | {
        "unknown-8bit",
        "default",
        "x-unknown",
        "unknown",
        "binary",
        *_RUSSIAN,
        "iso-8859-5",
        "koi8-u",
        "cp1251",
        "x-cp1251",
    }
)
_FREQUENT: Final = frozenset("оеаинтсрвлкмдпуяы")
_RARE: Final = frozenset("ъёщэфцўџђѓљњћќ")
_ENOUGH: Final = 0.25
_SAMPLE: Final = 20_000


def decoded(content: bytes, label: str = "") -> str:
    """Never raises. Bytes that make good UTF-8 are UTF-8, whatever they are called."""
    if content.isascii() and b"\x1b" not in content and b"+" not in content:
        return content.decode("ascii")
    label = label.strip().strip("\"'").lower()
    codec = _codec(label)
    if codec and label not in _EMPTY_LABELS:
        return content.decode(codec, "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _best(content, codec)


def _codec(label: str) -> str:
    """The codec of a label; none for what is no encoding of text."""
    try:
        found = codecs.lookup(label)
    except (LookupError, ValueError):
        return ""
    return found.name if getattr(found, "_is_text_encoding", False) else ""


def _best(content: bytes, codec: str) -> str:
    sample = content[:_SAMPLE]
    scores = {name: russianness(sample.decode(name, "replace")) for name in _RUSSIAN}
    best = max(scores, key=lambda name: (scores[name], name == codec))
    if scores[best] < _ENOUGH:  # not Russian at all
        best = codec if codec not in {"", "ascii", "utf-8"} else "windows-1252"
    return content.decode(best, "replace")


def russianness(text: str) -> float:
    """From about 0.6 for Russian down to below nothing for what only looks like it. What reads in the wrong one of two
    Russian encodings has rare letters, capitals after small ones, and signs inside of words; French in a
    Russian encoding has Russian letters after Latin ones."""
    counts: Counter[str] = Counter()
    before = " "
    for sign in text:
        if sign.isascii():
            before = sign
            continue
        counts["all"] += 1
        small = sign.lower()
        if small in _FREQUENT:
            counts["good"] += 1
        elif not ("а" <= small <= "я") or small in _RARE:
            counts["bad"] += sign not in "«»—–№ё“”„…’\xa0"
        counts["bad"] += (sign.isupper() and before.islower()) or (before.isascii() and before.isalpha())
        before = sign
    return (counts["good"] - 2 * counts["bad"]) / counts["all"] if counts["all"] else 0.0
