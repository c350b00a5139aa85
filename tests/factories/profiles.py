"""Profiles of other operators, made from LOYAL CLUB's."""

import shutil
from pathlib import Path
from typing import Final

from profiles.loader import HERE, load

COUNTER: Final = 10203040
_WORDS: Final = {"ru": "Посещения: адрес, браузер, открытые страницы", "en": "Visits: address, browser, pages opened"}
_VISITS: Final = """
[categories.visits]
protection_class = "other"
title.ru = "{ru}"
title.en = "{en}"
source.ru = "Ваш браузер"
source.en = "Your browser"
seen_by.ru = "Администраторы"
seen_by.en = "Administrators"
"""
_RECIPIENT: Final = """
[recipients.yandex]
role = "processor"
country = "RU"
website = "yandex.ru"
categories = ["visits"]
title.ru = "ООО «ЯНДЕКС»"
title.en = "YANDEX LLC"
what.ru = "Адрес страницы и её название, сведения о браузере, сетевой адрес."
what.en = "Address and title of the page, what the browser says of itself, the network address."
why.ru = "Подсчёт посещений, если вы его разрешили."
why.en = "To count visits, if you allowed it."
"""
_COOKIE: Final = """
[[cookies]]
name = "{name}"
kind = "{kind}"
group = "{group}"
days = {days}
country = "RU"
owner.ru = "{owner_ru}"
owner.en = "{owner_en}"
why.ru = "{why_ru}"
why.en = "{why_en}"
term.ru = "{days} дн."
term.en = "{days} days"
"""
_GROUPS: Final = """
[cookie_choice]
days = 180
evidence_days = 1095

[cookie_groups.analytics]
database_country = "RU"
purposes = ["count_visits"]
recipients = ["yandex"]
title.ru = "Подсчёт посещений"
title.en = "Counting visits"
description.ru = "Яндекс Метрика считает, какие общедоступные страницы открывают. В личных разделах её нет."
description.en = "Yandex Metrica counts which public pages are opened. It is never on a person's own pages."
metrica.counter = {counter}
hosts.script = ["mc.yandex.ru"]
hosts.connect = ["mc.yandex.ru"]
hosts.img = ["mc.yandex.ru"]
"""


def make_counted_profile(folder: Path) -> Path:
    """An operator that collects data about visits and counts them with Yandex.Metrica, of those who allow it."""
    shutil.copytree(HERE / "loyal_club", folder, dirs_exist_ok=True)
    _replace(folder / "profile.toml", "telemetry = []", 'telemetry = ["visits"]')
    _replace(folder / "purposes.toml", '"name", "correspondence"]', '"name", "correspondence", "visits"]')
    _replace(folder / "retention.toml", '"request", "correspondence"]', '"request", "correspondence", "visits"]')
    _add(folder / "data.toml", _VISITS.format(**_WORDS))
    _add(folder / "recipients.toml", _RECIPIENT)
    _add(folder / "cookies.toml", "".join(_cookies()) + _GROUPS.format(counter=COUNTER))
    load.cache_clear()
    return folder


def change(folder: Path, file: str, old: str, new: str) -> None:
    rewrite(folder / file, old, new)


def copy_profile(folder: Path) -> Path:
    return Path(shutil.copytree(HERE / "loyal_club", folder / "club"))


def rewrite(path: Path, old: str, new: str) -> None:
    _replace(path, old, new)
    load.cache_clear()


def widen_ads(folder: Path) -> None:
    """Advertising also reads the texts of requests."""
    rewrite(
        folder / "purposes.toml",
        'confirmation = "email"\nsubject_kinds = ["user"]\ncategories = ["email", "name", "correspondence"]',
        'confirmation = "email"\nsubject_kinds = ["user"]\ncategories = ["email", "name", "correspondence", "request"]',
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


def _cookies() -> list[str]:
    portal = {"owner_ru": "портал", "owner_en": "the portal", "group": "necessary", "kind": "cookie"}
    yandex = {"owner_ru": "Яндекс", "owner_en": "Yandex", "group": "analytics", "kind": "cookie"}
    visitor = {"why_ru": "Отличает браузеры друг от друга.", "why_en": "Tells one browser from another."}
    first = {"why_ru": "День первого посещения.", "why_en": "The day of the first visit."}
    choice = {"why_ru": "Помнит ваш выбор.", "why_en": "Remembers your choice."}
    return [
        _COOKIE.format(name="cookie_choice", days=180, **portal, **choice),
        _COOKIE.format(name="_ym_uid", days=365, **yandex, **visitor),
        _COOKIE.format(name="_ym_d", days=365, **yandex, **first),
        _COOKIE.format(name="_ym_visorc*", days=1, **yandex, **visitor),
        _COOKIE.format(name="_ym*", days=365, **{**yandex, "kind": "local_storage"}, **visitor),
    ]


def _add(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} has changed: {old}"
    path.write_text(text.replace(old, new), encoding="utf-8")
