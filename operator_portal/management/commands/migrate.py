from typing import Any

from django.core.management.commands.migrate import Command as Migrate

from operator_portal.database import as_owner


class Command(Migrate):
    help = f"{Migrate.help} Connects as the owner of the tables (DATABASE_OWNER_URL); nothing else does."

    def get_check_kwargs(self, options: dict[str, Any]) -> dict[Any, Any]:
        """Without the checks of the database, which say of one that is behind: run migrate."""
        return {**super().get_check_kwargs(options), "databases": None}

    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner(options["database"]):
            super().handle(*args, **options)
