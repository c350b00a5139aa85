from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "consent"

    def ready(self) -> None:
        from consent.doorkeeper import Doorkeeper
        from notifications import optional

        optional.register(Doorkeeper())
