from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PersonalDataConfig(AppConfig):
    name = "personal_data"

    def ready(self) -> None:
        from personal_data import checks, installation

        checks.register_all()
        post_migrate.connect(installation.install, sender=self)
