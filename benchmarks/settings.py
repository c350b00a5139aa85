"""The portal's settings with only the rooms that are measured, and the tables of the benchmark."""

from operator_portal.settings import *  # noqa: F403

INSTALLED_APPS = [
    "benchmarks.plain.apps.PlainConfig",
    "benchmarks.sealed.apps.SealedConfig",
    "personal_data.apps.PersonalDataConfig",
    "profiles.apps.ProfilesConfig",
    "processing_log.apps.ProcessingLogConfig",
    "law.apps.LawConfig",
    "operator_portal.apps.OperatorPortalConfig",
    "django.contrib.contenttypes",
    "django.contrib.auth",
]
AUTH_USER_MODEL = "auth.User"
