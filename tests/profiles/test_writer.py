import pytest

from profiles import load
from profiles.markdown import Reader, read_consent, read_policy
from profiles.writer import write_consent, write_policy

PROFILE = load("loyal_club")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_policy_reads_back_as_it_was_written(language):
    text = PROFILE.policy.in_language(language)

    assert read_policy(write_policy(text), Reader(language=language)) == text


@pytest.mark.parametrize("purpose", sorted(PROFILE.consents))
@pytest.mark.parametrize("language", ["ru", "en"])
def test_consent_reads_back_as_it_was_written(purpose, language):
    text = PROFILE.consents[purpose].in_language(language)

    assert read_consent(write_consent(text), Reader(language=language)) == text
