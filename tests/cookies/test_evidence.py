"""The record of a choice: nobody changes it, it goes when its term is over, and not a day before."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from cookies import screens
from cookies.models import CookieChoice
from cookies.registry import registry, sha256_of
from cookies.services import NotShown, forget_choices_past_their_term, record_choice
from cookies.tasks import forget_old_choices
from law import clock

LONG_AGO = datetime(2020, 1, 10, 9, 0, tzinfo=UTC)


def make_choice(
    *, accepted: Sequence[str] = ("analytics",), at: datetime = LONG_AGO, screen: bool = True, method: str = "banner"
) -> CookieChoice:
    known = registry()
    return record_choice(
        registry=known,
        accepted=accepted,
        screen=screens.banner(known, "ru") if screen else None,
        consent_id=None,
        method=method,
        language="ru",
        at=at,
    )


@pytest.mark.django_db
def test_record_choice_refuses_a_yes_to_what_was_not_shown(counted):
    with pytest.raises(NotShown):
        make_choice(screen=False)
    with pytest.raises(NotShown):
        make_choice(accepted=["necessary"])

    assert CookieChoice.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"screen": False, "accepted": (), "method": "guess"}, "cookie_choice_method_is_known"),
        ({"method": "gpc"}, "cookie_choice_accepts_only_what_was_shown"),
    ],
)
def test_database_refuses_a_choice_that_cannot_have_been_made(counted, wrong, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        make_choice(**wrong)


@pytest.mark.django_db
def test_database_refuses_yes_and_no_at_once(counted):
    row = make_choice()
    with pytest.raises(IntegrityError, match="cookie_choice_is_yes_or_no_to_each_group"):
        CookieChoice.objects.create(
            consent_id=row.consent_id,
            accepted=["analytics"],
            refused=["analytics"],
            registry=row.registry,
            screen=row.screen,
            language="ru",
            method="page",
            at=row.at,
            ends_at=row.ends_at,
        )


@pytest.mark.django_db
def test_two_choices_of_one_moment_share_their_texts(counted):
    first, second = make_choice(), make_choice()

    assert (first.registry_id, first.screen_id) == (second.registry_id, second.screen_id)
    assert first.consent_id != second.consent_id


@pytest.mark.django_db
def test_record_goes_when_its_term_is_over_and_not_before(counted):
    old = make_choice()
    young = make_choice(at=clock.now())

    assert forget_choices_past_their_term(old.ends_at - timedelta(seconds=1)) == 0
    assert forget_old_choices() == 1

    assert list(CookieChoice.objects.all()) == [young]


@pytest.mark.django_db
def test_number_that_somebody_quotes_leads_to_all_that_was_shown(counted):
    row = make_choice()
    out = StringIO()

    call_command("cookie_evidence", str(row.consent_id), json=True, stdout=out)

    (told,) = json.loads(out.getvalue())
    assert (told["accepted"], told["method"], told["is_whole"]) == (["analytics"], "banner", True)
    assert json.loads(told["screen"])["heading"] == "Cookie-файлы: выбираете вы"
    assert sha256_of(told["screen"]) == told["screen_sha256"]


@pytest.mark.django_db
@pytest.mark.parametrize(("number", "status"), [("7", 2), ("00000000-0000-4000-8000-000000000000", 1)])
def test_number_that_is_none_is_said_to_be_none(number, status):
    with pytest.raises(CommandError) as refused:
        call_command("cookie_evidence", number)

    assert refused.value.returncode == status


@pytest.mark.django_db(transaction=True)
def test_altered_text_is_detected_even_if_a_superuser_did_it(counted, as_superuser):
    row = make_choice()
    as_superuser.execute("ALTER TABLE cookies_shown DISABLE TRIGGER append_only")
    as_superuser.execute("UPDATE cookies_shown SET content = content || ' ' WHERE kind = 'screen'")

    with pytest.raises(SystemExit) as ended:
        call_command("cookie_evidence", str(row.consent_id), stdout=StringIO())

    assert ended.value.code == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cookies_cookiechoice SET accepted = '{}'",
        "DELETE FROM cookies_cookiechoice",
        "TRUNCATE cookies_cookiechoice",
        "UPDATE cookies_shown SET content = ''",
        "DELETE FROM cookies_shown",
        "TRUNCATE cookies_shown CASCADE",
    ],
)
def test_database_refuses_to_change_the_record(counted, statement, as_superuser):
    make_choice(at=clock.now())

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"is append-only|is kept until its term is over"):
        as_superuser.execute(statement)

    assert CookieChoice.objects.count() == 1
