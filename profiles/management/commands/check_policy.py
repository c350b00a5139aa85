"""Reads policies as files of text and says what must not be published, line by line."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from profiles.linter import Finding, lint_alone

FOUND: Final = 1
NOT_READABLE: Final = 2


class Command(BaseCommand):
    help = (
        "Check the text of a policy: file:line: rule: reason. Exit 0 nothing that refuses it, 1 found, 2 not readable."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="plain text or Markdown")
        parser.add_argument("--translation", action="store_true", help="a translation: it need not be in Russian")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *, files: list[Path], **options: Any) -> None:
        found = {path: lint_alone(_read(path), is_master=not options["translation"]) for path in files}
        with translation.override("en"):
            if options["json"]:
                self.stdout.write(json.dumps(_as_data(found), ensure_ascii=False))
            else:
                for path, findings in found.items():
                    for finding in findings:
                        self.stdout.write(_as_line(path, finding))
        if any(finding.refuses for findings in found.values() for finding in findings):
            raise CommandError("The text cannot be published as it is.", returncode=FOUND)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise CommandError(f"{path} cannot be read as text in UTF-8.", returncode=NOT_READABLE) from None


def _as_line(path: Path, finding: Finding) -> str:
    return f"{path}:{finding.line}: {finding.code}{'' if finding.refuses else ' (advice)'}: {finding.reason}"


def _as_data(found: dict[Path, list[Finding]]) -> dict[str, list[dict[str, Any]]]:
    return {
        str(path): [
            {"line": each.line, "rule": each.code, "refuses": each.refuses, "reason": each.reason} for each in findings
        ]
        for path, findings in found.items()
    }
