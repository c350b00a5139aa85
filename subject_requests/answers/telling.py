"""The answer as people read it: sections of plain blocks, made of the document. The page and the PDF lay out the same
blocks, so neither can leave out what the other shows. Call it in the language of the document."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from looks.templatetags.looks import day_in_words, moment_in_words
from subject_requests.answers.document import Document

Kind = Literal["text", "facts", "table", "list"]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """`gap`: something is held here and not disclosed; `text` says why. `quiet` stands under it, smaller."""

    text: str
    quiet: str = ""
    gap: bool = False


@dataclass(frozen=True, kw_only=True)
class Block:
    """`rows` of facts are (name, value), of a list (item,), of a table as many cells as `head` has; `widths` are those
    of its columns, one to another."""

    kind: Kind
    text: str = ""
    title: str = ""
    head: Sequence[str] = ()
    widths: Sequence[int] = ()
    rows: Sequence[Sequence[Cell]] = ()


@dataclass(frozen=True, kw_only=True)
class Section:
    """`item` is its item of article 14, part 7; an annex has none."""

    item: str
    title: str
    blocks: Sequence[Block]


def sections(document: Document) -> list[Section]:
    return [
        Section(item="1", title=_("Confirmation of the processing"), blocks=_confirmation(document)),
        Section(item="2", title=_("Purposes and legal bases"), blocks=[_purposes(document)]),
        Section(item="3", title=_("Methods of processing"), blocks=_methods(document)),
        Section(item="4", title=_("The operator, and who has access to the data"), blocks=_operator(document)),
        Section(item="5", title=_("The data and where it came from"), blocks=list(_data(document))),
        Section(item="6", title=_("Terms of processing and storage"), blocks=_terms(document)),
        Section(item="7", title=_("Your rights and how you use them"), blocks=_rights(document)),
        Section(item="8", title=_("Transfer abroad"), blocks=[_abroad(document)]),
        Section(
            item="9", title=_("Who processes the data on the operator's instructions"), blocks=_processors(document)
        ),
        Section(item="9.1", title=_("How the duties of article 18.1 are fulfilled"), blocks=_duties(document)),
        Section(item="10", title=_("What else the law asks to tell"), blocks=_other(document)),
        Section(item="", title=_("Annex 1. All records"), blocks=list(_records(document))),
        Section(item="", title=_("Annex 2. Who did what with the data"), blocks=_log(document)),
    ]


# --- the items -----------------------------------------------------------------------------------------------------


def _confirmation(document: Document) -> list[Block]:
    said, operator = document["confirmation"], document["operator"]
    if not said["is_processed"]:
        return [_text(_("%(operator)s does not process personal data of yours.") % {"operator": operator["name"]})]
    facts = {
        _("Information system"): operator["system"],
        _("Your reference in it"): said["reference"],
        _("Processed since"): moment_in_words(_moment(said["since"])),
        pgettext("answer set", "As of"): moment_in_words(_moment(document["made_at"])),
    }
    told = [_text(_("%(operator)s confirms that it processes your personal data.") % {"operator": operator["name"]})]
    if said["is_blocked"]:
        told.append(_text(_("The data is blocked: it is kept, and used for nothing except answering you.")))
    return [*told, _facts(facts)]


def _purposes(document: Document) -> Block:
    head = [_("Purpose"), _("Legal basis"), _("Categories of data")]
    rows = [
        [
            Cell(text=each["title"], quiet=each["description"]),
            Cell(text=each["article"], quiet=each["basis_note"]),
            Cell(text="; ".join(each["categories"])),
        ]
        for each in document["purposes"]
    ]
    return Block(kind="table", head=head, widths=(4, 4, 3), rows=rows)


def _methods(document: Document) -> list[Block]:
    rows = [
        [Cell(text=each["title"]), Cell(text=each["method"]), Cell(text=", ".join(each["operations"]))]
        for each in document["purposes"]
    ]
    return [
        _text(
            _(
                "Data is kept encrypted in a database in Russia and goes over the internet through an encrypted "
                "connection. What came on paper is kept on paper too."
            )
        ),
        Block(
            kind="table",
            head=[_("Purpose"), pgettext("processing", "Method"), _("Operations")],
            widths=(4, 2, 5),
            rows=rows,
        ),
    ]


def _operator(document: Document) -> list[Block]:
    operator = document["operator"]
    card = {
        _("Operator"): operator["name"],
        _("Address"): operator["address"],
        _("Tax number (INN)"): operator["inn"],
        _("Registration number (OGRN)"): operator["ogrn"],
        _("E-mail"): operator["email"],
        operator["responsible"]: operator["responsible_email"],
    }
    receivers = document["recipients"]
    nobody = _text(_("Nobody except the operator's staff has access to the data, and nobody receives it."))
    return [
        _facts(card),
        _receivers(receivers, _("Who has access to data or may receive it")) if receivers else nobody,
    ]


def _receivers(receivers: Iterable[Mapping[str, Any]], title: str) -> Block:
    roles = {
        "independent": _("answers for the data by itself"),
        "processor": _("on the operator's instructions"),
        "authority": _("by a law"),
    }
    rows = [
        [
            Cell(text=each["title"], quiet=f"{each['website']} · {each['country']}"),
            Cell(text=", ".join(each["categories"]) or _("none of the data"), quiet=each["what"]),
            Cell(text=each["why"], quiet=roles[each["role"]]),
        ]
        for each in receivers
    ]
    head = [pgettext("recipient", "Who"), _("What"), _("Why")]
    return Block(kind="table", title=title, head=head, widths=(3, 5, 3), rows=rows)


def _data(document: Document) -> Iterator[Block]:
    held = [each for each in document["data"] if each["values"]]
    for category in held:
        facts = [
            [Cell(text=value["name"], quiet=document["records"][value["record"]]["what"]), _said(value)]
            for value in category["values"]
        ]
        source = [Cell(text=pgettext("value", "Source")), Cell(text=category["source"])]
        seen_by = [Cell(text=_("Who may see it")), Cell(text=category["seen_by"])]
        yield Block(kind="facts", title=category["title"], rows=[*facts, source, seen_by])
    absent = [each["title"] for each in document["data"] if not each["values"]]
    if absent:
        yield _text(_("Not held: %(categories)s.") % {"categories": "; ".join(absent)})


def _terms(document: Document) -> list[Block]:
    told = []
    ends = document["terms"]["ends"]
    if ends:
        told.append(_text(_end(ends)))
    rows: dict[str, list[Cell]] = {}
    for category in document["terms"]["categories"]:
        term = "; ".join(_rule(rule) for rule in category["rules"]) or _("No term has begun.")
        if term in rows:
            before = rows[term][0]
            rows[term][0] = Cell(text=f"{before.text}; {category['title']}")
        else:
            rows[term] = [Cell(text=category["title"]), Cell(text=term)]
    head = [_("Categories of data"), _("Until when")]
    return [*told, Block(kind="table", head=head, widths=(2, 3), rows=list(rows.values()))]


def _end(ends: Mapping[str, Any]) -> str:
    said = {"on": day_in_words(date.fromisoformat(ends["on"])), "norm": ends["norm"]}
    if "ends_on" not in ends:
        return _("All data is destroyed on %(on)s (%(norm)s).") % said
    said["last"] = day_in_words(date.fromisoformat(ends["ends_on"]))
    return (
        _("Your subscription ends on %(last)s; if it is not renewed, all data is destroyed on %(on)s (%(norm)s).")
        % said
    )


def _rule(rule: Mapping[str, Any]) -> str:
    on = f"{day_in_words(date.fromisoformat(rule['on']))}: " if rule["on"] else ""
    return f"{on}{rule['title']} ({rule['norm']})"


def _rights(document: Document) -> list[Block]:
    rights = [[Cell(text=each["right"], quiet=each["norm"])] for each in document["rights"]["rights"]]
    ways = [[Cell(text=way)] for way in document["rights"]["ways"]]
    return [
        Block(kind="list", title=_("By the Personal Data Law (152-FZ) you have the right"), rows=rights),
        Block(kind="list", title=_("Write to us"), rows=ways),
    ]


def _abroad(document: Document) -> Block:
    abroad = document["cross_border"]
    if not abroad["is_done"]:
        return _text(_("Data is not transferred abroad, and no such transfer is planned."))
    return _text(_("Data is transferred to: %(countries)s.") % {"countries": ", ".join(abroad["countries"])})


def _processors(document: Document) -> list[Block]:
    if document["processors"]:
        return [_receivers(document["processors"], "")]
    return [_text(_("Nobody: the operator has entrusted the processing to no one."))]


def _duties(document: Document) -> list[Block]:
    duties = document["duties"]
    told = [_facts({duties["responsible"]: duties["responsible_email"]})]
    if policy := duties["policy"]:
        told.append(
            _text(
                _("The policy is published: version %(number)s, in force since %(day)s, %(url)s.")
                % {
                    "number": policy["number"],
                    "day": day_in_words(date.fromisoformat(policy["effective_on"])),
                    "url": policy["url"],
                }
            )
        )
    for measure in duties["measures"]:
        head, *rest = measure["text"]
        told.append(_text(_("Policy, clause %(number)s. %(text)s") % {"number": measure["clause"], "text": head}))
        if rest:
            told.append(Block(kind="list", rows=[[Cell(text=part.removeprefix("• "))] for part in rest]))
    by_portal = [[Cell(text=each)] for each in duties["by_the_portal"]]
    return [*told, Block(kind="list", title=_("What the portal itself does"), rows=by_portal)]


def _other(document: Document) -> list[Block]:
    said = [
        _("This answer is free of charge (article 20, part 3)."),
        _("Data of other people is left out (article 14, part 2); each gap is marked and says why."),
    ]
    if any("file" in value for category in document["data"] for value in category["values"]):
        said.append(_("What is held as files lies in the archive of this answer, in the folder “files”."))
    return [Block(kind="list", rows=[[Cell(text=each)] for each in said])]


# --- the annexes ---------------------------------------------------------------------------------------------------


def _records(document: Document) -> Iterator[Block]:
    """Rows of the same table stand together."""
    by_table: dict[str, list[list[Cell]]] = {}
    values: dict[int, list[str]] = {}
    for category in document["data"]:
        for value in category["values"]:
            values.setdefault(value["record"], []).append(f"{value['name']}: {_said(value).text}")
    for number, record in enumerate(document["records"]):
        facts = [f"{name}: {_fact(value)}" for name, value in record["facts"]]
        by_table.setdefault(record["what"], []).append([Cell(text="; ".join([*values.get(number, ()), *facts]))])
    if not by_table:
        yield _text(_("There are no records."))
    for what, rows in by_table.items():
        yield Block(kind="list", title=what[:1].upper() + what[1:], rows=rows)


def _log(document: Document) -> list[Block]:
    said = [
        (
            Cell(text=line["who"]),
            Cell(text=line["what"], quiet=", ".join(line["categories"])),
            Cell(text=line["why"], quiet=line["reason"]),
        )
        for line in document["log"]["said"]
    ]
    rows = [[Cell(text=moment_in_words(_moment(at))), *said[place]] for at, place in document["log"]["events"]]
    if not rows:
        return [_text(_("The log has no entry about you."))]
    count = ngettext("%(count)s entry.", "%(count)s entries.", len(rows)) % {"count": len(rows)}
    head = [_("When"), pgettext("log", "Who"), _("What"), _("Why")]
    return [_text(count), Block(kind="table", head=head, widths=(4, 4, 5, 5), rows=rows)]


# --- small things --------------------------------------------------------------------------------------------------

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.+-]+")
_GAPS: Final = {
    "another_person": lambda: _("held, about another person; not disclosed (article 14, part 2)"),
    "answer": lambda: _("an answer that was made for you before; it repeats what is held"),
    "internal": lambda: _("a working note of the staff, or words that are not decided yet; not disclosed"),
    "key": lambda: _("a one-time link or key; not disclosed, so that nobody else can use it"),
}


def _said(value: Mapping[str, Any]) -> Cell:
    if gap := value.get("withheld"):
        return Cell(text=f"[{_GAPS[gap]()}]", gap=True)
    if "file" in value:
        return Cell(text=_("a file in the archive: %(name)s") % {"name": value["file"]})
    said = value["value"]
    return Cell(text=day_in_words(date.fromisoformat(said)) if value.get("is_day") else _plain(said))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return pgettext("value", "yes") if value else pgettext("value", "no")
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_plain(each)}" for key, each in value.items())
    if isinstance(value, list):
        return "; ".join(_plain(each) for each in value)
    return str(value)


def _fact(value: Any) -> str:
    """Moments and days stand in the document as ISO writes them."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        return day_in_words(date.fromisoformat(value))
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return moment_in_words(_moment(value))
    return _plain(value)


def _moment(said: str) -> datetime:
    return datetime.fromisoformat(said)


def _text(said: str) -> Block:
    return Block(kind="text", text=said)


def _facts(facts: Mapping[str, str]) -> Block:
    return Block(kind="facts", rows=[[Cell(text=name), Cell(text=value)] for name, value in facts.items()])
