from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CookiesConfig(AppConfig):
    name = "cookies"
    verbose_name = _("Cookies")

    def ready(self) -> None:
        from cookies import checks

        checks.register_all()
