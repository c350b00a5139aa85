from django.apps import AppConfig


class CookiesConfig(AppConfig):
    name = "cookies"

    def ready(self) -> None:
        from cookies import checks

        checks.register_all()
