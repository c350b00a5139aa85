from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from law import clock
from operator_portal.demo import data, people


class Command(BaseCommand):
    help = "Fills a fresh embedded portal with invented people in every state of every workflow."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo data is made only in the embedded demo (make run).", returncode=2)
        scenes = tqdm(data.play(clock.now()), total=len(data.SCENES) + 1, desc="demo data", disable=None, leave=False)
        try:
            for _scene in scenes:
                pass
        except data.NotEmpty:
            raise CommandError("There are accounts already; demo data is for a fresh portal.", returncode=1) from None
        for account in people.ACCOUNTS:
            self.stdout.write(f"{account.role.value:10} {account.email:30} {people.password()}")
