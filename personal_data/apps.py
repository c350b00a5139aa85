from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PersonalDataConfig(AppConfig):
    name = "personal_data"
    verbose_name = _("Encryption keys")

    def ready(self) -> None:
        from personal_data import checks, installation

        checks.register_all()
        post_migrate.connect(installation.install, sender=self)
