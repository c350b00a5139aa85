"""The portal as it ships, and one more address."""

from operator_portal.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.question.urls"
