from django.apps import AppConfig


class OperatorPortalConfig(AppConfig):
    name = "operator_portal"

    def ready(self) -> None:
        from notifications import kinds
        from operator_portal import celery
        from operator_portal.demo.kinds import NEWS, NEWS_PURPOSE
        from operator_portal.log_words import teach_the_log

        assert celery.app is not None  # shared tasks are sent through it from now on
        teach_the_log()
        kinds.advertise(NEWS, purpose=NEWS_PURPOSE)
