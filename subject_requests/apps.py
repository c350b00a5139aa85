from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class SubjectRequestsConfig(AppConfig):
    name = "subject_requests"
    verbose_name = pgettext_lazy("request", "requests of people")
