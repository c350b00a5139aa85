"""Opens an account for somebody of the staff and sends them the link for choosing a password."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from access.roles import Role
from accounts import services
from law import clock
from processing_log.actors import Actor


class Command(BaseCommand):
    help = "Opens an account and sends an invitation. The address is asked for if it is not given: a shell remembers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--role", choices=Role.values, default=Role.STAFF.value)
        parser.add_argument("--email", help="asked for on the terminal by default")
        parser.add_argument("--language", choices=["ru", "en"], default="ru")

    def handle(self, *args: Any, **options: Any) -> None:
        address = (options["email"] or input("E-mail: ")).strip()
        try:
            validate_email(address)
        except ValidationError:
            raise CommandError("That is not an e-mail address.") from None
        at = clock.now()
        try:
            user = services.create_user(
                address=address,
                role=Role(options["role"]),
                language=options["language"],
                at=at,
                by=Actor.system("create_user"),
            )
        except services.AddressTaken:
            raise CommandError("There is an account with this address already.") from None
        services.invite(user=user, at=at)
        self.stdout.write(f"Account {user.pk} is open, the invitation is on its way.")
