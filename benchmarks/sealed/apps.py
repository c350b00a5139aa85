from django.apps import AppConfig


class SealedConfig(AppConfig):
    name = "benchmarks.sealed"
    label = "sealed"
