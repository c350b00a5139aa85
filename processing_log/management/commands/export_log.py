"""The processing log as a file."""

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from processing_log import past_term
from processing_log.actors import Actor, ActorKind
from processing_log.export import Format
from processing_log.filters import FIRST_DAY, LAST_DAY, LogFilter, beginning_of, end_of
from processing_log.operations import Operation
from processing_log.packages import NothingSigned
from processing_log.services import export_to_file

WRONGLY_CALLED: Final = 2


class Command(BaseCommand):
    help = (
        "Writes the processing log, or a part of it, into a file: oldest event first, times in UTC, in constant "
        "memory. The file appears when it is complete, and the export itself is an event of the log. "
        "Exit status: 0 written, 1 failed, 2 wrongly called."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", type=_day, metavar="DATE", help="first day, 2026-01-31")
        parser.add_argument("--to", dest="last", type=_day, metavar="DATE", help="last day; it is within")
        parser.add_argument("--format", dest="form", required=True, choices=Format.values)
        parser.add_argument("--output", type=Path, required=True, metavar="FILE")
        parser.add_argument("--subject", type=UUID, help="the reference of one person")
        parser.add_argument("--actor", default="", metavar="ID", help="the reference of a user, or the name of a job")
        parser.add_argument("--actor-kind", default="", choices=ActorKind.values)
        parser.add_argument("--operation", default="", choices=Operation.values)
        parser.add_argument("--purpose", default="", metavar="CODE")
        parser.add_argument("--fact", default="", metavar="CODE")
        parser.add_argument("--category", default="", metavar="CODE")
        parser.add_argument("--reference", default="", metavar="NUMBER", help="number of an act or a request")
        parser.add_argument(
            "--order-179", action="store_const", const="destroy", dest="operation",
            help="the extract that Order 179 of Roskomnadzor asks for: destructions alone",
        )  # fmt: skip
        parser.add_argument(
            "--since", type=int, metavar="SIZE", help="zip: prove that the log continues your checkpoint of this size"
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="say the outcome as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        form, path = Format(options["form"]), options["output"]
        wanted = _filter(options)
        bar = tqdm(
            total=wanted.events().count() if sys.stderr.isatty() else None,
            unit=" events",
            unit_scale=True,
            disable=None,
            leave=False,
        )
        try:
            with bar:
                number = export_to_file(
                    wanted=wanted,
                    form=form,
                    path=path,
                    actor=Actor.system("export_log"),
                    progress=bar.update,
                    since=options["since"],
                )
        except NothingSigned as error:
            raise CommandError("No checkpoint is signed yet: the worker does it within a minute.") from error
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}") from error
        kept_from = past_term.kept_from()
        outcome = {"file": str(path), "events": number, "bytes": path.stat().st_size, "from": kept_from}
        self.stdout.write(json.dumps(outcome) if options["as_json"] else f"{number} events are in {path}.")
        if kept_from and not options["as_json"]:
            self.stdout.write(f"Entries before {kept_from} are past their term and are kept no longer.")


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2026-01-31") from error
    if not FIRST_DAY <= day <= LAST_DAY:
        raise argparse.ArgumentTypeError(f"{text} is not between {FIRST_DAY} and {LAST_DAY}")
    return day


def _filter(options: dict[str, Any]) -> LogFilter:
    first, last = options["first"], options["last"]
    if first and last and first > last:
        raise CommandError("The last day (--to) is before the first (--from).", returncode=WRONGLY_CALLED)
    return LogFilter(
        since=beginning_of(first) if first else None,
        until=end_of(last) if last else None,
        subject=options["subject"],
        actor_kind=options["actor_kind"],
        actor_id=options["actor"],
        operation=options["operation"],
        purpose=options["purpose"],
        fact=options["fact"],
        category=options["category"],
        reference=options["reference"],
    )
