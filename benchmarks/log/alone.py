"""The rooms that the log is made of and nothing above them: no Celery, no web. What an export takes can be told apart
from what the whole portal has in memory before it begins."""

from benchmarks.settings import *  # noqa: F403
from benchmarks.settings import INSTALLED_APPS as _ROOMS

INSTALLED_APPS = [room for room in _ROOMS if not room.startswith("operator_portal.")]
