from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsentConfig(AppConfig):
    name = "consent"
    verbose_name = _("Policy and consents")

    def ready(self) -> None:
        from backups import replaying
        from consent import wishes
        from consent.doorkeeper import Doorkeeper
        from notifications import optional

        optional.register(Doorkeeper())
        replaying.register(wishes.ROOM)
