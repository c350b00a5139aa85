"""Loads or updates the operator profile: checks it, and publishes the texts that are new."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from consent.publishing import Published, publish_profile
from law import clock
from processing_log.actors import Actor
from profiles import load
from profiles.errors import InvalidProfile
from profiles.linter import lint_folder
from profiles.loader import folder_of
from profiles.schema import Profile

INVALID: Final = 1
BAD_INPUT: Final = 2


class Command(BaseCommand):
    help = "Load or update the operator profile; an invalid one is refused, naming file, key and reason."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="folder under profiles/, or the path of a folder")
        parser.add_argument("--check", action="store_true", help="only say whether the profile is valid")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *, name: str, check: bool, **options: Any) -> None:
        is_json = options["json"]
        try:
            profile = load(name)
            if faults := lint_folder(folder_of(name), profile):
                raise InvalidProfile(profile.code, faults)
            published = None if check else _apply(profile, name)
        except InvalidProfile as error:
            if is_json:
                self.stdout.write(json.dumps(_faults_as_data(name, error), ensure_ascii=False))
            raise CommandError(str(error), returncode=INVALID) from None
        if is_json:
            self.stdout.write(json.dumps(_as_data(profile, published), ensure_ascii=False))
        else:
            self.stdout.write(_as_text(profile, published))


def _apply(profile: Profile, name: str) -> Published:
    if name != settings.OPERATOR_PROFILE:
        message = (
            f"This portal runs by OPERATOR_PROFILE={settings.OPERATOR_PROFILE}; set it to {name} first, or use --check."
        )
        raise CommandError(message, returncode=BAD_INPUT)
    return publish_profile(profile, actor=Actor.system("apply_profile"), at=clock.now())


def _as_data(profile: Profile, published: Published | None) -> dict[str, Any]:
    return {
        "profile": profile.code,
        "valid": True,
        "policy": {"version": profile.policy.number, "sha256": profile.policy.hash},
        "consents": {code: {"version": text.version, "sha256": text.hash} for code, text in profile.consents.items()},
        "published": {
            "policies": list(published.policies) if published else [],
            "consents": [f"{purpose} {version}" for purpose, version in published.texts] if published else [],
        },
        "put_on_hold": {each.purpose: each.held for each in published.settled} if published else {},
        "taken_off_hold": {each.purpose: each.released for each in published.settled} if published else {},
        "reach_further_than_their_text": list(published.uncovered) if published else [],
    }


def _faults_as_data(name: str, error: InvalidProfile) -> dict[str, Any]:
    faults = [{"file": fault.file, "key": fault.key, "reason": fault.reason} for fault in error.faults]
    return {"profile": name, "valid": False, "faults": faults}


def _as_text(profile: Profile, published: Published | None) -> str:
    lines = [_summary(profile)]
    if published is None:
        return lines[0]
    lines += [f"Published: policy {number}." for number in published.policies]
    lines += [f"Published: consent text {purpose} {version}." for purpose, version in published.texts]
    if not published.policies and not published.texts:
        lines.append("Nothing new to publish.")
    return "\n".join([*lines, *_on_hold(published)])


def _on_hold(published: Published) -> Iterator[str]:
    for each in published.settled:
        if each.held:
            yield f"Put on hold until they consent anew: {each.purpose}, people: {each.held}."
        if each.released:
            yield f"Off hold, for what is done is covered again: {each.purpose}, people: {each.released}."
    for purpose in published.uncovered:
        yield f"Nobody can consent to {purpose}: it reaches further than its text; publish the next version of it."


def _summary(profile: Profile) -> str:
    return (
        f"The operator profile {profile.code} is valid: {len(profile.purposes)} purposes, {len(profile.consents)} of "
        f"them by consent; policy {profile.policy.number} of {profile.policy.updated_on}."
    )
