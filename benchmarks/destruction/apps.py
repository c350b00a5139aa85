from django.apps import AppConfig


class DestructionConfig(AppConfig):
    name = "benchmarks.destruction"
    label = "destruction"
