"""The same sample of the log as at /audit/sample/, for whoever runs the portal, and larger than a page waits for."""

import argparse
import json
import re
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from processing_log import sampling
from processing_log.actors import Actor
from processing_log.filters import FIRST_DAY, LAST_DAY, LogFilter, beginning_of, end_of
from processing_log.management.commands.export_log import _day
from processing_log.models import Checkpoint
from processing_log.operations import Operation
from processing_log.services import sample_to_file

WRONGLY_CALLED: Final = 2
WORD: Final = re.compile(r"[A-Za-z0-9_.:-]{0,64}")


class Command(BaseCommand):
    help = (
        "Draws a sample of the log's entries by a checkpoint and a word: everybody draws the same. Prints index, id of "
        "the event and rank, as drawn; --output writes the entries with their proof. "
        "Exit status: 0 drawn, 1 failed, 2 wrongly called."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--number", type=int, default=25, help=f"how many, {sampling.MOST} at most")
        parser.add_argument("--checkpoint", type=int, metavar="SIZE", help="the newest by default")
        parser.add_argument("--word", default="", help="what the operator could not know before")
        parser.add_argument("--from", dest="first", type=_day, metavar="DATE")
        parser.add_argument("--to", dest="last", type=_day, metavar="DATE")
        parser.add_argument("--operation", default="", choices=Operation.values)
        parser.add_argument("--purpose", default="", metavar="CODE")
        parser.add_argument("--category", default="", metavar="CODE")
        parser.add_argument("--output", type=Path, metavar="ZIP", help="a ZIP of them that verify_log.py verifies")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["number"] <= sampling.MOST or not WORD.fullmatch(options["word"]):
            raise CommandError("The number or the word is not possible.", returncode=WRONGLY_CALLED)
        checkpoint = _checkpoint(options["checkpoint"])
        if checkpoint is None:
            raise CommandError("There is no such checkpoint.")
        wanted = LogFilter(
            since=beginning_of(options["first"] or FIRST_DAY),
            until=end_of(options["last"] or LAST_DAY),
            operation=options["operation"],
            purpose=options["purpose"],
            category=options["category"],
        )
        sample = sampling.draw(wanted, checkpoint, number=options["number"], word=options["word"])
        if options["output"]:
            _write(sample, wanted, options)
        self._say(sample, as_json=options["as_json"])

    def _say(self, sample: sampling.Sample, *, as_json: bool) -> None:
        if as_json:
            drawn = [{"index": each.index, "event": each.event_id, "rank": each.rank} for each in sample.drawn]
            about = {"way": sampling.WAY, "root": sample.root, "word": sample.word, "population": sample.population}
            self.stdout.write(json.dumps({**about, "sample": drawn}, indent=1))
            return
        for each in sample.drawn:
            self.stdout.write(f"{each.index} {each.event_id} {each.rank}")


def _write(sample: sampling.Sample, wanted: LogFilter, options: dict[str, Any]) -> None:
    path: Path = options["output"]
    actor = Actor.system("sample_log")
    try:
        sample_to_file(sample=sample, wanted=wanted, number=options["number"], path=path, actor=actor)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}") from error


def _checkpoint(size: int | None) -> Checkpoint | None:
    found = Checkpoint.objects.filter(size=size) if size else Checkpoint.objects.order_by("-size")
    return found.first()
