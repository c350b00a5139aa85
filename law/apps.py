from django.apps import AppConfig
from django.db.models.signals import post_migrate


class LawConfig(AppConfig):
    name = "law"

    def ready(self) -> None:
        from law import checks, clock_installation  # noqa: F401  (registers the checks)

        post_migrate.connect(clock_installation.settle, sender=self)
