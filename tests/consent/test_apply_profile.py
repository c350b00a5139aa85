import json
import shutil
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from consent.models import ConsentTextVersion, PolicyVersion
from processing_log.models import Event
from profiles.loader import HERE, load
from tests.factories.consent import make_consent
from tests.factories.personal_data import make_subject
from tests.factories.profiles import widen_ads

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("apply_profile", *arguments, stdout=output)
    return output.getvalue()


@pytest.fixture
def copy(tmp_path, settings):
    folder = shutil.copytree(HERE / "loyal_club", tmp_path / "club")
    settings.OPERATOR_PROFILE = str(folder)
    return folder


def rewrite(path, old: str, new: str) -> None:
    words = path.read_text(encoding="utf-8")
    assert old in words
    path.write_text(words.replace(old, new), encoding="utf-8")
    load.cache_clear()


def test_apply_profile_publishes_policy_and_texts_and_logs_it():
    lines = run("loyal_club").splitlines()

    assert lines[0].startswith("The operator profile loyal_club is valid: 12 purposes, 4 of them by consent; policy 1")
    assert "Published: policy 1." in lines
    assert PolicyVersion.objects.get().sha256 == load("loyal_club").policy.hash
    assert ConsentTextVersion.objects.count() == 4
    assert Event.objects.filter(fact="policy_published", actor_id="apply_profile").count() == 1
    assert Event.objects.filter(fact="consent_text_published").count() == 4


def test_apply_profile_a_second_time_publishes_nothing():
    run("loyal_club")

    assert run("loyal_club").splitlines()[1:] == ["Nothing new to publish."]
    assert Event.objects.filter(fact="policy_published").count() == 1


def test_apply_profile_check_changes_nothing():
    run("loyal_club", "--check")

    assert PolicyVersion.objects.count() == 0


def test_apply_profile_as_json_is_for_programs():
    data = json.loads(run("loyal_club", "--json"))

    assert data["valid"]
    assert data["policy"] == {"version": 1, "sha256": load("loyal_club").policy.hash}
    assert data["published"]["policies"] == [1]


def test_apply_profile_refuses_an_invalid_one_and_names_file_key_and_reason(copy):
    rewrite(copy / "retention.toml", "amount = 30", "amount = 90")

    with pytest.raises(CommandError) as refused:
        run(str(copy))

    assert refused.value.returncode == 1
    assert "retention.toml: retention[account_deleted].amount: 90 is longer than the 30 of D12" in str(refused.value)
    assert PolicyVersion.objects.count() == 0


def test_apply_profile_refuses_another_than_the_portal_runs_by(copy):
    with pytest.raises(CommandError) as refused:
        run("loyal_club")

    assert refused.value.returncode == 2


def test_apply_profile_refuses_a_published_text_that_was_changed(copy):
    run(str(copy))
    rewrite(copy / "consents/ads.1.ru.md", "Рекламные письма прекращаются", "Все рекламные письма прекращаются")

    with pytest.raises(CommandError, match=r"consents/ads\.1\.toml: version: version 1 is published with another text"):
        run(str(copy))


def test_apply_profile_publishes_a_new_version_beside_the_old(copy):
    run(str(copy))
    for path in (copy / "policy").glob("1.*"):
        shutil.copy(path, path.with_name(path.name.replace("1.", "2.", 1)))
    rewrite(copy / "policy/2.toml", "number = 1", "number = 2")
    rewrite(copy / "policy/2.ru.md", "постоянно размещена по адресу", "всегда размещена по адресу")

    assert run(str(copy)).splitlines()[1:] == ["Published: policy 2."]
    assert list(PolicyVersion.objects.values_list("number", flat=True)) == [1, 2]


def test_apply_profile_refuses_a_text_with_findings_and_names_file_line_and_rule(copy):
    rewrite(copy / "policy/1.ru.md", "9.1. Политика", "9.1. Пользование сайтом означает согласие с ней. Политика")

    with pytest.raises(
        CommandError, match=r"policy/1\.ru\.md: line 304: use_is_consent: To use the service is no"
    ) as refused:
        run(str(copy), "--check")

    assert refused.value.returncode == 1


def test_apply_profile_says_whose_consents_are_on_hold_and_what_waits_for_a_text(copy):
    run(str(copy))
    make_consent(subject_id=make_subject().pk)
    widen_ads(copy)

    lines = run(str(copy)).splitlines()[1:]

    assert lines == [
        "Nothing new to publish.",
        "Put on hold until they consent anew: ads, people: 1.",
        "Nobody can consent to ads: it reaches further than its text; publish the next version of it.",
    ]
    assert json.loads(run(str(copy), "--json"))["reach_further_than_their_text"] == ["ads"]
