"""Settings of the peers' environment: as their documentation says, and no more of Django than they need."""

import os

SECRET_KEY = SALT_KEY = os.environ["SECRET_KEY"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "auth.User"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ["BENCH_DATABASE"],
        "HOST": os.environ["BENCH_HOST"],
        "USER": os.environ["BENCH_USER"],
        "PASSWORD": os.environ["BENCH_PASSWORD"],
    }
}
PGCRYPTO_KEY = SECRET_KEY
INSTALLED_APPS = [
    "benchmarks.plain.apps.PlainConfig",
    "benchmarks.peers.apps.PeersConfig",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "encrypted_fields",
    *(["pgcrypto"] if "BENCH_PGCRYPTO" in os.environ else ["auditlog", "simple_history", "pgtrigger", "pghistory"]),
]
