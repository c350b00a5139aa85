from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class SubjectRequestsConfig(AppConfig):
    name = "subject_requests"
    verbose_name = pgettext_lazy("request", "Requests of people")

    def ready(self) -> None:
        from processing_log import numbers, unusual, words
        from subject_requests import oversight
        from subject_requests.answers.facts import Fact
        from subject_requests.intake import tasks  # noqa: F401  Celery looks for tasks in the room itself only

        numbers.teach(oversight.events_of)
        unusual.teach(requests=oversight.open_requests)
        words.teach(facts={fact.value: fact.label for fact in Fact})
