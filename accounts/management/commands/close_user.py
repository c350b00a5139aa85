"""Closes the account of somebody whose work on the portal is over."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from accounts import services
from accounts.models import User
from law import clock
from processing_log.actors import Actor


class Command(BaseCommand):
    help = "Closes an account of the staff at once and starts the term after which its data is destroyed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("reference", type=UUID, help="the person's reference, as the desk shows it")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(subject_id=options["reference"]).first()
        if user is None:
            raise CommandError("There is no such account.")
        try:
            ends = services.close_staff_account(user=user, at=clock.now(), by=Actor.system("close_user"))
        except services.NotStaff:
            raise CommandError("This is a person's own account; only they can delete it.") from None
        self.stdout.write(f"Closed. The data goes on {ends.destroy_on}.")
