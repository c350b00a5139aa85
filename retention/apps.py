from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class RetentionConfig(AppConfig):
    name = "retention"
    verbose_name = _("Retention and destruction")

    def ready(self) -> None:
        from processing_log import numbers as log_numbers
        from retention import checks, living, numbers

        checks.register_all()
        log_numbers.teach(numbers.events_of)
        post_migrate.connect(living.install, sender=self)
