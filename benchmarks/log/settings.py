"""The whole portal, with its cache in the process: what is measured needs no broker."""

from operator_portal.settings import *  # noqa: F403

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
