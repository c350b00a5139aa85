import json
from argparse import ArgumentParser
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from law import clock
from retention import changing


class Command(BaseCommand):
    help = (
        "Says whom a change of the retention rules would reach: who would go sooner, who would stay longer. Changes "
        "nothing: two people keep and confirm it on the desk. Exit status: 0 done, 2 wrong call."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="report as JSON")
        parser.add_argument(
            "--list", dest="named", type=int, default=0, metavar="N", help="name so many people by reference, too"
        )

    def handle(self, *, named: int, **options: Any) -> None:
        at = clock.now()
        waits = changing.is_waiting()
        found = changing.summary(at) if waits else {}
        some = [
            {"subject": str(one.subject_id), "rule": one.rule, "from": f"{one.old_on}", "to": f"{one.new_on}"}
            for one in islice(changing.preview(at) if waits else (), named)
        ]
        if options["json"]:
            self.stdout.write(json.dumps({"waits": waits, **found, "list": some}, indent=2))
        else:
            self.stdout.write(_in_words(found, some) if waits else _("The profile says what is in force."))


def _in_words(found: dict[str, Any], some: list[dict[str, str]]) -> str:
    lines = [_("Rules that differ:") + " " + ", ".join(found["changed"])]
    lines.append(_("It reaches %(people)s of %(of)s people.") % {"people": found["people"], "of": found["of"]})
    for rule, counts in found["rules"].items():
        lines.append(f"  {rule}: " + ", ".join(f"{direction} {number}" for direction, number in counts.items()))
    lines += [f"  {one['subject']} {one['rule']}: {one['from']} → {one['to']}" for one in some]
    return "\n".join(lines)
