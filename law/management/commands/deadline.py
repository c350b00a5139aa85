"""The due date by a rule of the law table, with the days it counted."""

import json
from argparse import ArgumentParser
from datetime import date, datetime
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from law.deadlines import DueDate, NoExtension, due, operator_zone
from law.rules import RULES, DeadlineRule, Kind, RuleNotInForce, Unit, UnknownRule

BAD_INPUT: Final = 2


class Command(BaseCommand):
    help = "The due date by a rule of the law table, with the days it counted."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("rule", metavar="RULE", help="D01…D30, or a name such as ACCESS_ANSWER")
        parser.add_argument(
            "received",
            metavar="RECEIVED",
            help="when the clock started: 2026-12-30, or 2026-12-31T22:00 (operator's zone unless it names its own)",
        )
        parser.add_argument("--extended", action="store_true", help="with the second term, where the law knows one")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *, rule: str, received: str, extended: bool, **options: Any) -> None:
        found = self._due(rule, received, extended=extended)
        self.stdout.write(json.dumps(_as_data(found), ensure_ascii=False) if options["json"] else _as_text(found))

    def _due(self, rule: str, received: str, *, extended: bool) -> DueDate:
        try:
            return due(rule, _moment(received, rule), extended=extended)
        except UnknownRule:
            message = _("There is no rule %(rule)s. Known: %(known)s.")
            raise CommandError(message % {"rule": rule, "known": ", ".join(RULES)}, returncode=BAD_INPUT) from None
        except RuleNotInForce:
            message = _("Rule %(rule)s is not in force on that day.")
            raise CommandError(message % {"rule": rule}, returncode=BAD_INPUT) from None
        except NoExtension:
            message = _("The law knows no extension for rule %(rule)s.")
            raise CommandError(message % {"rule": rule}, returncode=BAD_INPUT) from None


def _moment(text: str, rule: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = _("Not a date: %(text)s. Write 2026-12-30 or 2026-12-31T22:00.")
        raise CommandError(message % {"text": text}, returncode=BAD_INPUT) from None
    if _is_date(text) and _counts_hours(rule):
        message = _("Rule %(rule)s counts hours: give the time too, such as 2026-12-31T22:00.")
        raise CommandError(message % {"rule": rule}, returncode=BAD_INPUT)
    return moment if moment.tzinfo else moment.replace(tzinfo=operator_zone())


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _counts_hours(rule: str) -> bool:
    return any(known.unit == Unit.HOURS and rule.strip().upper() in (known.id, known.name) for known in RULES.values())


def _as_data(found: DueDate) -> dict[str, Any]:
    return {
        "rule": found.rule.id,
        "name": found.rule.name,
        "article": found.rule.article,
        "confidence": found.rule.confidence.value,
        "kind": found.rule.kind.value,
        "received_on": found.received_on.isoformat(),
        "due_on": found.due_on.isoformat(),
        "due_at": found.due_at.isoformat(),
        "target_on": found.target_on.isoformat(),
        "extended": found.is_extended,
        "provisional": found.provisional,
        "counted_days": [day.isoformat() for day in found.counted_days],
    }


def _as_text(found: DueDate) -> str:
    lines = [f"{found.rule.id} {found.rule.title} ({found.rule.article})"]
    lines.append(_("Received: %(day)s") % {"day": _day(found.received_on)})
    lines.append(_term(found.rule, extended=found.is_extended))
    lines.append(f"{found.rule.kind.label}: {_until(found)}")
    if found.target_on != found.due_on:
        lines.append(_("Our own target: %(day)s") % {"day": _day(found.target_on)})
    if found.counted_days:
        lines.append(_("Days counted (%(number)s):") % {"number": len(found.counted_days)})
        lines += [f"  {number:>3}. {_day(day)}" for number, day in enumerate(found.counted_days, 1)]
    if found.provisional:
        lines.append(_("Provisional: the calendar of a year that was counted is not decreed yet."))
    if found.rule.to_be_confirmed:
        lines.append(_("To be confirmed: %(what)s") % {"what": found.rule.open_question or found.rule.article})
    if found.rule.note:
        lines.append(str(found.rule.note))
    return "\n".join(lines)


def _term(rule: DeadlineRule, *, extended: bool) -> str:
    amount = rule.amount + (rule.extension.amount if extended and rule.extension else 0)
    if not amount:
        return _("Term: %(unit)s") % {"unit": rule.unit.label}
    return _("Term: %(amount)s %(unit)s") % {"amount": amount, "unit": rule.unit.label}


def _until(found: DueDate) -> str:
    """Hours end at a moment, everything else at the end of a day."""
    if found.rule.unit == Unit.HOURS:
        return f"{found.due_at:%Y-%m-%d %H:%M %Z}"
    return _day(found.due_on) if found.rule.kind != Kind.LATEST else _("%(day)s, 24:00") % {"day": _day(found.due_on)}


def _day(day: date) -> str:
    return f"{day.isoformat()} {date_format(day, 'D')}"
