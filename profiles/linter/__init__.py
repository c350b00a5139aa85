"""Reads a policy or a consent and finds what must not be published. See docs/policies.md."""

from profiles.linter.lint import (
    LintedDocument,
    lint_alone,
    lint_consent,
    lint_folder,
    lint_policy,
    lint_profile,
    marks_differ,
)
from profiles.linter.rules import RULES, Finding, Rule

__all__ = [
    "RULES",
    "Finding",
    "LintedDocument",
    "Rule",
    "lint_alone",
    "lint_consent",
    "lint_folder",
    "lint_policy",
    "lint_profile",
    "marks_differ",
]
