from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import ProgrammingError

from consent.drafting import (
    DraftedAlready,
    HasFindings,
    NoSuchDocument,
    NotNow,
    NotTheAuthor,
    TheAuthor,
    begin_draft,
    change_draft,
    drop_draft,
    give_back_draft,
    review,
    submit_draft,
)
from consent.drafts import Draft
from consent.in_force import coming_policies, policy_on
from consent.models import ConsentTextVersion, PolicyVersion
from consent.selectors import newest_policy
from consent.services import AlreadyInForce, acknowledge_policy
from processing_log.models import Event
from profiles.reach import hash_of
from tests.factories.consent import make_consent, publish, text_of
from tests.factories.drafts import (
    DRAFTED_AT,
    IN_FORCE_ON,
    OFFICER,
    SECOND,
    make_draft,
    make_submitted,
    publish_as_read,
    write,
)
from tests.factories.personal_data import make_subject, person
from tests.factories.profiles import copy_profile, next_policy

pytestmark = pytest.mark.usefixtures("published")
LATER = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)


def codes(draft: Draft) -> set[str]:
    found = review(draft, at=DRAFTED_AT)
    return {finding.code for finding in (*found.russian, *found.english, *found.both)}


def steps() -> list[tuple[str, str, str]]:
    events = Event.objects.exclude(fact__in=["policy_published", "consent_text_published"])
    return list(
        events.filter(actor_kind__in=["officer", "admin"]).order_by("id").values_list("fact", "reason", "actor_kind")
    )


def test_draft_begins_as_a_copy_of_the_newest_version():
    draft = make_draft()

    assert (draft.number, draft.state, draft.author) == (2, "written", UUID(OFFICER.id))
    assert codes(draft) == {"unchanged"}


def test_version_goes_from_draft_over_a_second_person_into_force():
    draft = make_submitted()

    done = publish_as_read(draft, actor=SECOND, at=LATER)

    row = PolicyVersion.objects.get(number=2)
    assert done.version == row
    assert (row.draft_id, row.effective_on, row.updated_on) == (draft.pk, IN_FORCE_ON, LATER.date())
    assert "всегда размещена" in row.document.ru.canonical()
    assert row.data_map_sha256 == hash_of(row.data_map)
    assert steps() == [
        ("draft_begun", "policy 2", "officer"),
        ("draft_changed", "policy 2", "officer"),
        ("draft_submitted", "policy 2", "officer"),
        ("draft_published", "policy 2", "admin"),
    ]


def test_version_that_is_published_for_later_is_not_in_force_before():
    publish_as_read(make_submitted(), actor=SECOND, at=LATER)

    assert [row.number for row in coming_policies(LATER)] == [2]
    first, second = PolicyVersion.objects.order_by("number")
    assert policy_on(date(2026, 4, 30)) == first
    assert policy_on(IN_FORCE_ON) == second
    assert newest_policy(LATER) == first
    # the day begins in the operator's zone
    assert newest_policy(datetime(2026, 4, 30, 21, 30, tzinfo=UTC)) == second


def test_person_can_confirm_reading_the_version_that_comes():
    publish_as_read(make_submitted(), actor=SECOND, at=LATER)
    subject = make_subject()

    for row in PolicyVersion.objects.all():
        acknowledge_policy(subject_id=subject.pk, shown=row.sha256, actor=person(subject.pk), at=LATER)


def test_text_of_a_consent_goes_the_same_way():
    subject = make_subject()
    make_consent(subject_id=subject.pk)
    draft = make_submitted(document="ads")

    publish_as_read(draft, actor=SECOND, at=LATER)

    row = text_of("ads")
    assert (row.version, row.slug, row.draft_id, row.effective_on) == (2, "advertising", draft.pk, IN_FORCE_ON)
    newcomer = make_subject()
    old = ConsentTextVersion.objects.get(purpose="ads", version=1)
    assert make_consent(subject_id=newcomer.pk, at=LATER).text == old
    with pytest.raises(AlreadyInForce):
        make_consent(subject_id=subject.pk, at=datetime(2026, 5, 2, tzinfo=UTC))


def test_author_cannot_publish():
    draft = make_submitted()

    with pytest.raises(TheAuthor):
        publish_as_read(draft, actor=OFFICER, at=LATER)

    assert PolicyVersion.objects.count() == 1


def test_database_refuses_publishing_by_the_author():
    draft = make_submitted()

    with pytest.raises(IntegrityError, match="draft_is_published_by_another_than_its_author"), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(state="published", approver=draft.author)


def test_database_refuses_a_version_of_a_draft_that_nobody_approved():
    draft, row = make_submitted(), PolicyVersion.objects.get()
    row.number, row.sha256, row.draft_id = 2, "0" * 64, draft.pk

    with pytest.raises(IntegrityError, match="cannot be published"), transaction.atomic():
        row.save(force_insert=True)


def test_database_refuses_a_gap_between_versions_and_a_step_back_in_time():
    row = PolicyVersion.objects.get()
    row.number, row.sha256 = 3, "0" * 64
    with pytest.raises(IntegrityError, match="is not the next one"), transaction.atomic():
        row.save(force_insert=True)

    row.number, row.effective_on = 2, date(2025, 5, 31)
    with pytest.raises(IntegrityError, match="before the one it follows"), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"author": UUID(SECOND.id)}, "keeps its author"),
        ({"document": "ads"}, "keeps its author"),
        ({"text_ru": "other words"}, "is not changed"),
        ({"effective_on": date(2027, 1, 1)}, "is not changed"),
        ({"state": "published"}, "draft_published_has_an_approver"),
    ],
)
def test_database_refuses_to_change_a_draft_that_was_handed_over(values, refusal):
    draft = make_submitted()

    with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(**values)


def test_database_refuses_to_publish_what_was_not_handed_over():
    draft = make_draft()

    with pytest.raises(IntegrityError, match="only a draft that was handed over"), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(state="published", approver=UUID(SECOND.id))


def test_database_keeps_a_closed_draft_as_it_is():
    draft = make_draft()
    drop_draft(draft_id=draft.pk, actor=SECOND, at=LATER)

    with pytest.raises(ProgrammingError, match="stays as it is"), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(state="written")
    with pytest.raises(ProgrammingError, match="stays as it is"), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).delete()


def test_draft_with_findings_cannot_be_handed_over():
    draft = make_draft()
    draft = write(draft, "9.1. Политика", "9.1. Пользование сайтом означает согласие с Политикой. Политика")

    with pytest.raises(HasFindings):
        submit_draft(draft_id=draft.pk, actor=OFFICER, at=LATER)

    finding = next(finding for finding in review(draft, at=LATER).russian if finding.refuses)
    assert finding.code == "use_is_consent"
    assert draft.text_ru.splitlines()[finding.line - 1].startswith("9.1. Пользование")


def test_clause_in_one_language_only_is_found():
    draft = make_draft()

    draft = write(draft, "9.4. Все", "9.4. Новое.\n\n9.5. Все")

    assert codes(draft) == {"languages_differ"}


def test_day_that_has_passed_is_found():
    assert "date" in codes(make_draft(effective_on=date(2026, 3, 31)))


def test_draft_that_the_folder_has_overtaken_is_found(tmp_path, settings):
    draft = make_submitted()
    folder = copy_profile(tmp_path)
    settings.OPERATOR_PROFILE = str(folder)
    next_policy(folder)
    publish()

    assert codes(draft) >= {"overtaken"}
    with pytest.raises(HasFindings):
        publish_as_read(draft, actor=SECOND, at=LATER)


def test_draft_that_waited_too_long_is_not_published():
    draft = make_submitted()

    with pytest.raises(HasFindings):
        publish_as_read(draft, actor=SECOND, at=datetime(2026, 5, 2, 9, 0, tzinfo=UTC))


def test_second_person_gives_a_draft_back_and_the_author_goes_on():
    draft = make_submitted()

    draft = give_back_draft(draft_id=draft.pk, actor=SECOND, at=LATER)

    assert (draft.state, draft.submitted_at) == ("written", None)
    write(draft, "всегда размещена", "размещена")


def test_only_the_author_writes():
    draft = make_draft()
    with pytest.raises(NotTheAuthor):
        change_draft(draft_id=draft.pk, text_ru="", text_en="", effective_on=IN_FORCE_ON, actor=SECOND, at=LATER)
    with pytest.raises(NotTheAuthor):
        submit_draft(draft_id=draft.pk, actor=SECOND, at=LATER)


def test_of_two_clicks_one_publishes():
    draft = make_submitted()
    publish_as_read(draft, actor=SECOND, at=LATER)

    with pytest.raises(NotNow):
        publish_as_read(draft, actor=SECOND, at=LATER)


def test_one_draft_of_a_document_at_a_time():
    make_draft()
    make_draft(document="ads")

    with pytest.raises(DraftedAlready):
        make_draft()
    with pytest.raises(NoSuchDocument):
        begin_draft(document="account", effective_on=IN_FORCE_ON, actor=OFFICER, at=DRAFTED_AT)
