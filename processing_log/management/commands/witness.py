"""Witnesses of this portal's log, and a witness for somebody else's."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from law import clock
from processing_log import witness_server, witnesses
from processing_log.models import Checkpoint, Witness
from processing_log.notes import Malformed


class Command(BaseCommand):
    help = "Names the witnesses that cosign this portal's log (add, list, ask), or is one for another log (serve)."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        doing = parser.add_subparsers(dest="doing", required=True)
        add = doing.add_parser("add", help="from now on ask this witness about each checkpoint")
        add.add_argument("vkey", help="its public key: name+id+key")
        add.add_argument("url", help="its address, without /add-checkpoint")
        doing.add_parser("list", help="who is asked, and what they answered last")
        doing.add_parser("ask", help="ask all of them now")
        witness_server.arguments(doing.add_parser("serve", help="be a witness of another log"))

    def handle(self, *args: Any, **options: Any) -> None:
        doing = options.pop("doing")
        if doing == "serve":
            witness_server.serve(argparse.Namespace(**options))
        elif doing == "add":
            self._add(options["vkey"], options["url"])
        elif doing == "ask":
            self._ask()
        else:
            self._list()

    def _add(self, vkey: str, url: str) -> None:
        try:
            self.stdout.write(f"{witnesses.add(vkey, url).name} is asked about the next checkpoint.")
        except Malformed as error:
            raise CommandError(f"Not added: {error}.", returncode=2) from error

    def _ask(self) -> None:
        newest = Checkpoint.objects.order_by("-size").first()
        if newest is None:
            raise CommandError("No checkpoint is signed yet.")
        answers = [witnesses.ask(witness, newest, clock.now()) for witness in Witness.objects.filter(is_asked=True)]
        self._list()
        if set(answers) - {witnesses.OK}:
            raise CommandError("Not every witness has cosigned.")

    def _list(self) -> None:
        for witness in Witness.objects.order_by("vkey"):
            self.stdout.write(f"{witness.name:40} {witness.url:40} {witness.size:10} {witness.answer or '-'}")
