import argparse
import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import border

PERIOD_SECONDS = 30


class Command(BaseCommand):
    help = "Prints the current second factor of a demo account. Each code works once; a new one comes every 30 seconds."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This works only in the embedded demo.", returncode=2)
        found = Authenticator.objects.filter(
            type=Authenticator.Type.TOTP, user__email=border.token(options["email"])
        ).first()
        if found is None:
            raise CommandError("No account with this address has a second factor by app.", returncode=1)
        secret = decrypt(found.data["secret"])
        self.stdout.write(format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD_SECONDS)))
