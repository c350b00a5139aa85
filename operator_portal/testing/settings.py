"""The settings of the portal, and what only tests have: a cheap password hasher, static files as they lie in the tree,
a room with every sealed field."""

from datetime import timedelta

from operator_portal.settings import *  # noqa: F403
from operator_portal.settings import INSTALLED_APPS, ROOMS

ROOMS = [*ROOMS, "specimens"]
INSTALLED_APPS = ["tests.specimens.apps.SpecimensConfig", *INSTALLED_APPS]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # a static file is looked for when asked for, not all of them for each test client
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
QUESTIONS_SETTLE_LATER = False  # nothing is written after a test has ended

# A test's portal has no sequencer, however long the tests take.
LOG_IN_THE_TREE_WITHIN = LOG_SIGNED_WITHIN = timedelta(days=3650)
