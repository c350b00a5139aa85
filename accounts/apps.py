from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts import border, receivers, selectors, tasks  # noqa: F401
        from notifications import addresses
        from processing_log import unusual

        unusual.teach(colleagues=selectors.colleagues)
        addresses.register(border.address_of)
