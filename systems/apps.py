from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SystemsConfig(AppConfig):
    name = "systems"
    verbose_name = _("Other systems")

    def ready(self) -> None:
        from systems import description  # noqa: F401  drf-spectacular finds what is imported
