"""A copy of LOYAL CLUB's folder that a test may change."""

import shutil
from pathlib import Path

from profiles.loader import HERE, load


def copy_profile(folder: Path) -> Path:
    return Path(shutil.copytree(HERE / "loyal_club", folder / "club"))


def rewrite(path: Path, old: str, new: str) -> None:
    words = path.read_text(encoding="utf-8")
    assert old in words, old
    path.write_text(words.replace(old, new), encoding="utf-8")
    load.cache_clear()


def widen_ads(folder: Path) -> None:
    """Advertising also reads the texts of requests."""
    rewrite(
        folder / "purposes.toml",
        'advertising = true\nsubject_kinds = ["user"]\ncategories = ["email", "name", "correspondence"]',
        'advertising = true\nsubject_kinds = ["user"]\ncategories = ["email", "name", "correspondence", "request"]',
    )


def narrow_ads(folder: Path) -> None:
    rewrite(
        folder / "purposes.toml",
        '"correspondence", "request"]\noperations = ["record"',
        '"correspondence"]\noperations = ["record"',
    )


def next_policy(folder: Path, *, effective_on: str = "2025-06-01", old: str = "постоянно", new: str = "всегда") -> None:
    """Version 2, with other words in clause 9.1."""
    for path in (folder / "policy").glob("1.*"):
        shutil.copy(path, path.with_name(path.name.replace("1.", "2.", 1)))
    rewrite(
        folder / "policy/2.toml", "number = 1\neffective_on = 2025-06-01", f"number = 2\neffective_on = {effective_on}"
    )
    rewrite(folder / "policy/2.ru.md", old, new)


def next_text(folder: Path, purpose: str = "ads") -> None:
    """Version 2 of a consent's text, which names the texts of requests too."""
    for path in (folder / "consents").glob(f"{purpose}.1.*"):
        shutil.copy(path, path.with_name(path.name.replace(".1.", ".2.", 1)))
    rewrite(folder / f"consents/{purpose}.2.toml", "version = 1", "version = 2")
    rewrite(
        folder / f"consents/{purpose}.2.ru.md",
        "- отправленные мне письма.",
        "- отправленные мне письма;\n- тексты моих обращений.",
    )
    rewrite(
        folder / f"consents/{purpose}.2.en.md",
        "- the mails sent to me.",
        "- the mails sent to me;\n- the texts of my requests.",
    )
