from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class SubjectRequestsConfig(AppConfig):
    name = "subject_requests"
    verbose_name = pgettext_lazy("request", "requests of people")

    def ready(self) -> None:
        from processing_log import words
        from subject_requests.answers.facts import Fact

        words.teach(facts={fact.value: fact.label for fact in Fact})
