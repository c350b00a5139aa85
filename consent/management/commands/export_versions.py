"""Writes what was published at the desk into an operator's folder, so that the folder can go on from it."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consent.models import ConsentTextVersion, PolicyVersion
from profiles import writer

BAD_INPUT = 2


class Command(BaseCommand):
    help = "Write published versions that an operator's folder lacks into it: policy/<n>.*, consents/<purpose>.<n>.*"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="an operator's folder; files there are kept")

    def handle(self, *, folder: Path, **options: Any) -> None:
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder.", returncode=BAD_INPUT)
        for name, content in [*_policies(), *_consents()]:
            path = folder / name
            if not path.exists():
                path.parent.mkdir(exist_ok=True)
                path.write_text(content, encoding="utf-8")
                self.stdout.write(f"Written: {name}")


def _policies() -> Iterator[tuple[str, str]]:
    for row in PolicyVersion.objects.order_by("number"):
        version, name = row.document, f"policy/{row.number}"
        dates = f"effective_on = {version.effective_on}\nupdated_on = {version.updated_on}\n"
        yield f"{name}.toml", f"number = {version.number}\n{dates}"
        yield f"{name}.ru.md", writer.write_policy(version.ru)
        yield f"{name}.en.md", writer.write_policy(version.en)


def _consents() -> Iterator[tuple[str, str]]:
    for row in ConsentTextVersion.objects.order_by("purpose", "version"):
        text, name = row.document, f"consents/{row.purpose}.{row.version}"
        lines = [f'purpose = "{text.purpose}"', f'slug = "{text.slug}"', f"version = {text.version}"]
        lines += [f"updated_on = {text.updated_on}"]
        lines += [f"effective_on = {text.effective_on}"] if text.effective_on else []
        yield f"{name}.toml", "\n".join(lines) + "\n"
        yield f"{name}.ru.md", writer.write_consent(text.ru)
        yield f"{name}.en.md", writer.write_consent(text.en)
