"""The portal's rooms that take part in a destruction, and the tables of the benchmark."""

from benchmarks.settings import *  # noqa: F403
from benchmarks.settings import INSTALLED_APPS as _ROOMS

INSTALLED_APPS = [
    "benchmarks.destruction.apps.DestructionConfig",
    "retention.apps.RetentionConfig",
    *(room for room in _ROOMS if not room.startswith("benchmarks.")),
]
#: A fifth of all people are destroyed in each round.
DESTRUCTION_GUARD_PERCENT = 100
