"""What stands for ever, what differs, and what it means for one person."""

import hashlib
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from consent import mailbox, tokens
from consent.changes import notice_for
from consent.models import Awaited, ConsentTextVersion, PolicyVersion
from consent.publishing import publish_profile
from law import clock
from processing_log.actors import Actor
from profiles import current, load
from tests.factories.consent import make_acknowledgement, make_consent, publish
from tests.factories.drafts import SECOND, make_submitted, publish_as_read
from tests.factories.personal_data import make_subject
from tests.factories.profiles import copy_profile, narrow_ads, next_policy, next_text, rewrite, widen_ads

pytestmark = pytest.mark.usefixtures("published")
PUBLISHED_AT = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
BEFORE = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)
AFTER = datetime(2026, 5, 2, 9, 0, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"


def page(client: Client, url: str, language: str = "en", status: int = 200) -> str:
    response = client.get(url, headers={"accept-language": language})
    assert response.status_code == status, url
    return str(response.content, "utf-8")


def nonce_in(html: str) -> str:
    found = re.search(r'name="nonce" value="([^"]+)"', html)
    assert found
    return found[1]


@pytest.fixture
def second_version(published: None) -> PolicyVersion:
    publish_as_read(make_submitted(), actor=SECOND, at=PUBLISHED_AT)
    return PolicyVersion.objects.get(number=2)


@pytest.fixture
def user(client: Client) -> User:
    user = User.objects.create(subject=make_subject(), email="token@s.invalid", date_joined=BEFORE)
    make_acknowledgement(subject_id=user.subject_id)
    return user


@pytest.fixture
def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


# --- by hash, for ever ----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("second_version")
@pytest.mark.parametrize("model", [PolicyVersion, ConsentTextVersion])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_published_text_opens_by_its_hash_in_its_own_language(client, model, language):
    for row in model.objects.all():
        sha256 = row.sha256_en if language == "en" else row.sha256
        body = client.get(f"/privacy/h/{sha256}.txt").content

        assert hashlib.sha256(body).hexdigest() == sha256
        assert row.document.in_language(language).title in page(client, f"/privacy/h/{sha256}/", "ru")


def test_old_version_opens_by_its_hash_after_newer_ones(client, second_version):
    first = PolicyVersion.objects.get(number=1)

    with time_machine.travel(AFTER, tick=False):
        assert "This version is no longer in force" in page(client, f"/privacy/h/{first.sha256_en}/")
        assert "постоянно размещена" in page(client, f"/privacy/h/{first.sha256}.txt")


def test_hash_of_nothing_is_not_found(client):
    page(client, f"/privacy/h/{'0' * 64}/", status=404)
    page(client, f"/privacy/h/{'0' * 64}.txt", status=404)
    page(client, "/privacy/h/12ab/", status=404)


def test_text_of_a_purpose_that_is_gone_still_opens(client, tmp_path, settings):
    text = ConsentTextVersion.objects.get(purpose="surveys")
    folder = copy_profile(tmp_path)
    settings.OPERATOR_PROFILE = str(folder)
    for path in (folder / "consents").glob("surveys.*"):
        path.unlink()
    words = (folder / "purposes.toml").read_text(encoding="utf-8")
    before, _, rest = words.partition("[purposes.surveys]")
    (folder / "purposes.toml").write_text(before + rest[rest.index("[[without_data]]") :], encoding="utf-8")
    load.cache_clear()

    html = page(client, f"/privacy/h/{text.sha256}/")
    assert text.document.ru.title in html
    assert "To give or withdraw it" not in html


# --- a version that comes -------------------------------------------------------------------------------------------


def test_policy_page_shows_the_version_in_force_and_tells_of_the_one_that_comes(client, second_version):
    with time_machine.travel(BEFORE, tick=False):
        html = page(client, "/privacy/")
        coming = page(client, "/privacy/v/2/")
    assert "Version 2 comes into force on" in html
    assert PolicyVersion.objects.get(number=1).sha256_en in html
    assert "This version comes into force on" in coming
    assert "In force from" in coming

    with time_machine.travel(AFTER, tick=False):
        html = page(client, "/privacy/")
    assert second_version.sha256_en in html
    assert "comes into force on" not in html


# --- what differs ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("second_version")
def test_history_shows_the_words_that_changed_for_eyes_and_for_screen_readers(client):
    html = page(client, "/privacy/history/?from=1&to=2", "ru")

    assert "9.1" in html
    assert '<del><span class="visually-hidden">[исключено: </span>постоянно ' in html
    assert '<ins><span class="visually-hidden">[добавлено: </span>всегда ' in html
    assert "Цели, данные, получатели и действия в обеих одинаковы." in html


@pytest.mark.usefixtures("second_version")
def test_history_compares_the_newest_with_the_one_before_when_nobody_chooses(client):
    assert "What differs: from version 1 to version 2" in page(client, "/privacy/history/")


@pytest.mark.usefixtures("second_version")
def test_history_compares_in_either_direction(client):
    assert "What differs: from version 2 to version 1" in page(client, "/privacy/history/?from=2&to=1")
    assert "The wording of these versions is the same" in page(client, "/privacy/history/?from=1&to=1")


@pytest.mark.usefixtures("second_version")
@pytest.mark.parametrize("wish", ["from=1&to=7", "from=one&to=2", "from=&to=", "to=2", "from=-1&to=9999999999"])
def test_history_of_versions_that_do_not_exist_says_so(client, wish):
    html = page(client, f"/privacy/history/?{wish}", status=400)

    assert "is-invalid" in html
    assert "<del>" not in html


def test_history_of_one_version_has_nothing_to_compare(client):
    assert "What differs" not in page(client, "/privacy/history/")
    page(client, "/privacy/history/?from=1&to=2")


def test_history_of_a_consent_compares_its_texts(client, tmp_path, settings):
    folder = copy_profile(tmp_path)
    settings.OPERATOR_PROFILE = str(folder)
    next_text(folder)
    publish()

    html = page(client, "/privacy/consents/advertising/history/")

    assert "the texts of my requests." in html
    assert "What differs: from version 1 to version 2" in html
    assert "There is one version so far" in page(client, "/privacy/consents/surveys/history/")
    page(client, "/privacy/consents/nothing/history/", status=404)


# --- the feed -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("second_version")
@pytest.mark.parametrize(("language", "words"), [("ru", "Изменено: 1"), ("en", "Changed: 0")])
def test_feed_tells_of_each_version_in_its_language(client, settings, language, words):
    response = client.get(f"/privacy/history/feed.{language}.atom")
    feed = ET.fromstring(response.content)
    entries = feed.findall(f"{ATOM}entry")

    assert response["Content-Type"].startswith("application/atom+xml")
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == language
    assert len(entries) == 2
    assert entries[0].findtext(f"{ATOM}summary", "").startswith(words)
    assert entries[0].findtext(f"{ATOM}updated") == "2026-04-02T09:00:00+00:00"
    (link,) = entries[0].findall(f"{ATOM}link")
    assert link.get("href") == f"{settings.BASE_URL}/privacy/history/?from=1&to=2"
    ids = [each.findtext(f"{ATOM}id") for each in (*entries, feed)]
    base = f"{settings.BASE_URL}/privacy"
    own = [f"{base}/v/{number}/policy.{language}.txt" for number in (2, 1)]
    assert ids == [*own, f"{base}/history/feed.{language}.atom"]  # also where the translation is the same in both


def test_feed_says_days_as_people_do(client):
    assert "действует с 1 июня 2025" in page(client, "/privacy/history/feed.ru.atom", "ru")
    assert "in force from 1 June 2025" in page(client, "/privacy/history/feed.en.atom", "en")


def test_feed_without_a_language_speaks_the_readers(client):
    assert 'xml:lang="en"' in page(client, "/privacy/history/feed.atom", "en")
    assert 'xml:lang="ru"' in page(client, "/privacy/history/feed.atom", "ru")


# --- what changed for you -------------------------------------------------------------------------------------------


def apply(folder: Path) -> None:
    load.cache_clear()
    publish_profile(current(), actor=Actor.system("test"), at=BEFORE)


@pytest.fixture
def folder(tmp_path: Path, settings) -> Path:
    folder = copy_profile(tmp_path)
    settings.OPERATOR_PROFILE = str(folder)
    return folder


def widen_subscription(folder: Path) -> None:
    at_subscription = 'clauses = ["3.5", "5.2", "5.12"]\nbasis = "6.1.5"\nsubject_kinds = ["user"]\ncategories = ['
    rewrite(folder / "purposes.toml", at_subscription, at_subscription + '"request", ')


def test_person_sees_a_harmless_version_and_that_nothing_changes(signed_in, user, second_version):
    html = page(signed_in, "/me/consents/")

    assert "Nothing: your data is used for the same purposes" in html
    assert second_version.sha256_en in html


@pytest.mark.parametrize("url", ["/me/", "/me/consents/", "/privacy/history/"])
def test_person_sees_what_a_wider_version_changes_for_them_until_they_confirm(signed_in, user, folder, url):
    widen_subscription(folder)
    next_policy(folder)
    apply(folder)

    html = page(signed_in, url)
    assert "Subscription and payment for it</strong>: more is done" in html
    assert "data added: <ins>Texts of requests and the answers to them</ins>" in html

    newest = PolicyVersion.objects.get(number=2)
    assert newest.sha256_en == PolicyVersion.objects.get(number=1).sha256_en, "the translation is the same"
    signed_in.post("/me/consents/policy/acknowledge/", {"shown": newest.sha256_en})
    assert "more is done" not in page(signed_in, url).partition('id="differences"')[0]


def test_change_of_a_consent_that_was_not_given_does_not_concern_a_person(user, folder):
    widen_ads(folder)
    next_policy(folder)
    next_text(folder)
    apply(folder)
    other = make_subject()
    make_acknowledgement(subject_id=other.pk)

    notice = notice_for(user.subject_id, "en")
    assert notice
    assert list(notice.changes) == []


def test_narrower_processing_is_told_too(user, folder):
    widen_ads(folder)
    next_policy(folder)
    next_text(folder)
    apply(folder)
    make_consent(subject_id=user.subject_id, at=BEFORE)
    make_acknowledgement(subject_id=user.subject_id)
    narrow_ads(folder)
    for path in (folder / "policy").glob("2.*"):
        path.with_name(path.name.replace("2.", "3.", 1)).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    rewrite(folder / "policy/3.toml", "number = 2", "number = 3")
    rewrite(folder / "policy/3.ru.md", "всегда", "неизменно")
    apply(folder)

    notice = notice_for(user.subject_id, "en")
    assert notice
    (change,) = notice.changes
    assert (change.direction, change.by_consent) == ("narrower", True)
    assert list(change.categories.removed) == ["Texts of requests and the answers to them"]


def test_person_on_hold_sees_why_and_what_is_new_and_gives_it_anew_with_one_act(signed_in, user, folder):
    make_consent(subject_id=user.subject_id)
    widen_ads(folder)
    next_policy(folder)
    next_text(folder)
    apply(folder)

    for url in ("/me/", "/me/consents/"):
        html = page(signed_in, url)
        assert "On hold until you decide: Advertising by e-mail" in html
        assert "<ins>Texts of requests and the answers to them</ins>" in html
    html = page(signed_in, "/me/consents/advertising/")
    assert "Since then the operator wants to do more" in html
    assert "the texts of my requests" in html

    signed_in.post("/me/consents/advertising/give/", {"nonce": nonce_in(html)})
    for url in ("/me/consents/", "/me/consents/advertising/"):
        html = page(signed_in, url)
        assert "We have sent you a mail." in html
        without_token = html.count('action="/language/"') + html.count('action="/looks/theme/"')
        assert html.count("csrfmiddlewaretoken") == html.count('method="post"') - without_token
        assert "I have thought better of it" not in html
        assert "on hold" in html.lower() or "Since then the operator wants to do more" in html
    mailbox.confirm(code=tokens.link_code_of(Awaited.objects.latest("at").pk), actor=Actor.stranger(), at=clock.now())

    html = page(signed_in, "/me/consents/")
    assert "On hold until you decide" not in html
    assert "Consent replaced by a newer one" in page(signed_in, "/me/consents/advertising/")


def test_person_on_hold_has_nothing_to_agree_to_before_the_text_is_published(signed_in, user, folder):
    make_consent(subject_id=user.subject_id)
    widen_ads(folder)
    apply(folder)

    html = page(signed_in, "/me/consents/advertising/")

    assert "there is nothing to agree to so far" in html
    assert "I give this consent" not in html
    assert "Withdraw the consent" in html


def test_page_for_somebody_is_kept_by_no_cache(signed_in, client):
    assert "no-store" in signed_in.get("/privacy/history/")["Cache-Control"]
    assert "Cache-Control" not in Client().get("/privacy/history/")
