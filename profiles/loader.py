"""Reads an operator's folder: TOML for structure, Markdown for what people read. See docs/profiles.md."""

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from django.conf import settings
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from profiles import markdown
from profiles.checks import Location, check_profile
from profiles.documents import ConsentDocument, PolicyText
from profiles.errors import Fault, InvalidProfile
from profiles.schema import Profile
from profiles.wording import Language

HERE = Path(__file__).parent
DUTIES = HERE / "duties.toml"
EVERY = "*"
FILES = {
    "profile.toml": (
        "operator",
        "system_name",
        "scope_hosts",
        "telemetry",
        "backup_days",
        "log_months",
        "checkpoint_mail_hours",
        "measures",
        "acts_for_customers",
    ),
    "data.toml": ("categories", "fields"),
    "purposes.toml": ("purposes", "without_data"),
    "retention.toml": ("retention",),
    "recipients.toml": ("recipients",),
    "cookies.toml": ("cookies", "cookie_groups", "cookie_choice"),
    "policy/": ("policy_versions",),
    "consents/": ("consent_texts",),
}
FILE_OF = {key: file for file, keys in FILES.items() for key in keys}
DOCUMENTS = ("policy_versions", "consent_texts")
LANGUAGES: tuple[Language, ...] = ("ru", "en")
D = TypeVar("D", PolicyText, ConsentDocument)
WORDS_FOR_ERRORS = {"extra_forbidden": "is not a known key", "missing": "is missing"}


_OTHER: ContextVar[Profile | None] = ContextVar("profile", default=None)


def current() -> Profile:
    """The profile this portal runs by. Read once per process: a changed profile needs `apply_profile` and a restart."""
    return _OTHER.get() or load(settings.OPERATOR_PROFILE)


@contextmanager
def running_by(profile: Profile) -> Iterator[None]:
    """What the block does is done by another profile: the demo plays how the operator worked before."""
    token = _OTHER.set(profile)
    try:
        yield
    finally:
        _OTHER.reset(token)


@cache
def load(profile: str | Path) -> Profile:
    """A profile by its name under profiles/ or by the path of its folder. Raises InvalidProfile with every fault."""
    folder = folder_of(profile)
    if not folder.is_dir():
        fault = Fault(file=str(folder), key="folder", reason="does not exist")
        raise InvalidProfile(str(profile), [fault])
    reading = Reading(folder=folder)
    reading.read()
    result = reading.validate()
    if reading.faults or result is None:
        raise InvalidProfile(str(profile), sorted(set(reading.faults)))
    return result


def folder_of(profile: str | Path) -> Path:
    return Path(profile) if "/" in str(profile) else HERE / profile


@dataclass(kw_only=True)
class Reading:
    """One folder on its way to a Profile. Remembers which file each key came from, so that faults can say it."""

    folder: Path
    raw: dict[str, Any] = field(default_factory=dict)
    origins: dict[Location, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def read(self) -> None:
        self.raw["code"] = self.folder.name
        for name in FILES:
            if name.endswith(".toml"):
                self._read_structure(name)
        self._merge_duties()
        self.raw["policy_versions"] = list(self._read_policy())
        self.raw["consent_texts"] = list(self._read_consents())

    def validate(self) -> Profile | None:
        """None when a value has the wrong shape: what holds between values can't be checked then."""
        try:
            profile = Profile.model_validate_json(json.dumps(self.raw, default=str))
        except ValidationError as error:
            for details in error.errors(include_url=False, include_context=False):
                self.blame(details["loc"], _in_words(details))
            return None
        for location, reason in check_profile(profile):
            self.blame(location, reason)
        return profile

    def blame(self, location: Location, reason: str) -> None:
        self.faults.append(Fault(file=self._file_of(location), key=self._key(location), reason=reason))

    def _file_of(self, location: Location) -> str:
        for length in range(len(location), 0, -1):
            if file := self.origins.get(location[:length]):
                return file
        return FILE_OF.get(str(location[0]), "profile.toml")

    def _key(self, location: Location) -> str:
        """`purposes.account.basis`; a row of a list by its own code: `fields[email].category`; a document's own key."""
        if location[0] in DOCUMENTS and len(location) > 1:
            return ".".join(str(step) for step in location[2:] if step not in LANGUAGES) or "text"
        key, value = "", cast(Any, self.raw)
        for step in location:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                value = {}
            name = value.get("code") or value.get("name") or step if isinstance(value, dict) else step
            key += f"[{name}]" if isinstance(step, int) else f".{step}" if key else str(step)
        return key

    def _toml(self, path: Path) -> dict[str, Any]:
        name = self._name(path)
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            self.faults.append(Fault(file=name, key="file", reason="is missing"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            self.faults.append(Fault(file=name, key="file", reason=f"cannot be read: {error}"))
        return {}

    def _name(self, path: Path) -> str:
        return str(path.relative_to(self.folder)) if path.is_relative_to(self.folder) else path.name

    def _read_structure(self, name: str) -> None:
        for key, value in self._toml(self.folder / name).items():
            self.origins[key,] = name
            if key not in FILES[name]:
                home = f"; it belongs in {FILE_OF[key]}" if key in FILE_OF else ""
                self.faults.append(Fault(file=name, key=key, reason=f"is not a known key of this file{home}"))
                continue
            self.raw[key] = _with_codes(value) if isinstance(value, dict) and key != "operator" else value

    def _merge_duties(self) -> None:
        """What every operator processes by law is the same for all; a profile can't redefine it."""
        duties = self._toml(DUTIES)
        every = {"categories": list(_dict(self.raw.get("categories"))), "subject_kinds": ["user", "staff", "guest"]}
        purposes = _dict(self.raw.setdefault("purposes", {}))
        for code, duty in duties["purposes"].items():
            if code in purposes:
                self.blame(("purposes", code), "is a duty of every operator and cannot be redefined")
            self.origins["purposes", code] = DUTIES.name
            purposes[code] = _expanded(duty, every) | {"code": code}
        rules = _list(self.raw.setdefault("retention", []))
        for rule in duties["retention"]:
            self.origins["retention", len(rules)] = DUTIES.name
            rules.append(_expanded(rule, every))

    def _read_policy(self) -> Iterator[dict[str, Any]]:
        for place, path in enumerate(_in_order(self.folder / "policy")):
            texts = self._read_texts(path, ("policy_versions", place), markdown.read_policy)
            self._compare(path, {language: text.marks for language, text in texts.items()})
            yield self._toml(path) | {language: text.model_dump(mode="json") for language, text in texts.items()}

    def _read_consents(self) -> Iterator[dict[str, Any]]:
        for place, path in enumerate(_in_order(self.folder / "consents")):
            texts = self._read_texts(path, ("consent_texts", place), markdown.read_consent)
            self._compare(path, {language: text.codes for language, text in texts.items()})
            yield self._toml(path) | {language: text.model_dump(mode="json") for language, text in texts.items()}

    def _read_texts(
        self, path: Path, location: Location, read: Callable[[str, markdown.Reader], D]
    ) -> dict[Language, D]:
        self.origins[location] = self._name(path)
        texts: dict[Language, D] = {}
        for language in LANGUAGES:
            file = path.with_suffix(f".{language}.md")
            self.origins[*location, language] = self._name(file)
            if not file.is_file():
                self.faults.append(Fault(file=self._name(file), key="file", reason="is missing"))
                continue
            reader = markdown.Reader(language=language)
            texts[language] = read(file.read_text(encoding="utf-8"), reader)
            self.faults += [Fault(file=self._name(file), key=where, reason=why) for where, why in reader.faults]
        return texts

    def _compare(self, path: Path, marks: Mapping[Language, tuple[str, ...]]) -> None:
        if len(marks) < 2 or marks["ru"] == marks["en"]:
            return
        file = self._name(path.with_suffix(".en.md"))
        for mark in sorted(set(marks["ru"]) ^ set(marks["en"])) or ["order"]:
            languages = "Russian" if mark in marks["ru"] else "English"
            reason = "the two languages differ" if mark == "order" else f"stands only in the {languages} text"
            self.faults.append(Fault(file=file, key=mark, reason=reason))


def _in_order(folder: Path) -> list[Path]:
    """By name, and numbers as numbers: version 10 comes after version 9."""
    return sorted(folder.glob("*.toml"), key=lambda path: [part.zfill(6) for part in path.name.split(".")])


def _in_words(details: ErrorDetails) -> str:
    return WORDS_FOR_ERRORS.get(details["type"], details["msg"].removeprefix("Value error, "))


def _with_codes(table: dict[str, Any]) -> dict[str, Any]:
    """Rows of a table know their own code: `[purposes.account]` becomes a purpose with the code "account"."""
    return {code: {"code": code} | row if isinstance(row, dict) else row for code, row in table.items()}


def _expanded(row: dict[str, Any], every: dict[str, list[str]]) -> dict[str, Any]:
    return row | {key: values for key, values in every.items() if row.get(key) == [EVERY]}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
