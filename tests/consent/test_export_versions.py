from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from consent.publishing import publish_profile
from processing_log.actors import Actor
from profiles import current, load
from tests.factories.consent import publish
from tests.factories.drafts import SECOND, make_submitted, publish_as_read
from tests.factories.profiles import copy_profile, rewrite

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)


def run(folder) -> list[str]:
    output = StringIO()
    call_command("export_versions", str(folder), stdout=output)
    return output.getvalue().splitlines()


def test_export_versions_lets_the_folder_go_on_from_what_the_desk_published(tmp_path, settings):
    folder = copy_profile(tmp_path)
    settings.OPERATOR_PROFILE = str(folder)
    publish()
    for document in ("policy", "ads"):
        publish_as_read(make_submitted(document=document), actor=SECOND, at=LATER)

    written = run(folder)
    load.cache_clear()
    published = publish_profile(current(), actor=Actor.system("test"), at=LATER)

    assert written == [
        f"Written: {name}.{kind}" for name in ("policy/2", "consents/ads.2") for kind in ("toml", "ru.md", "en.md")
    ]
    assert (published.policies, published.texts) == ((), ())
    assert run(folder) == []


def test_export_versions_into_no_folder_is_bad_input(tmp_path):
    with pytest.raises(CommandError) as refused:
        run(tmp_path / "nowhere")

    assert refused.value.returncode == 2


def test_folder_may_hold_more_than_nine_versions(tmp_path):
    folder = copy_profile(tmp_path)
    for number in range(2, 12):
        for path in (folder / "policy").glob(f"{number - 1}.*"):
            path.with_name(path.name.replace(f"{number - 1}.", f"{number}.", 1)).write_bytes(path.read_bytes())
        rewrite(folder / f"policy/{number}.toml", f"number = {number - 1}", f"number = {number}")

    assert [version.number for version in load(folder).policy_versions] == list(range(1, 12))
