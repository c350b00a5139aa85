from django.apps import AppConfig


class ProcessingLogConfig(AppConfig):
    name = "processing_log"
