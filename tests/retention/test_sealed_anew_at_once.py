"""Others read, write and rotate keys while what is held about a person is sealed anew."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest

from accounts.models import MailAddress, Profile
from law import clock
from personal_data import resealing, rotation
from personal_data.errors import Destroyed, HeldElsewhere
from personal_data.scope import processing
from tests.factories.retention import JOB, make_modest_person
from tests.personal_data.conftest import own_keyring
from tests.retention.test_sealed_anew import elsewhere, order, seal_anew
from tests.specimens.models import Specimen

__all__ = ["own_keyring"]


@pytest.mark.django_db(transaction=True)
def test_reader_in_the_middle_of_an_act_reads_on_whatever_came_first_the_key_or_the_value() -> None:
    subject_id = make_modest_person()
    with processing("rights", actor=JOB):
        for number in range(3):
            Specimen.objects.create(subject_id=subject_id, story=f"слова {number}", name="Мария")

    with processing("rights", actor=JOB) as act:
        rows = list(Specimen.objects.filter(subject_id=subject_id).order_by("pk"))
        first = rows[0].story
        elsewhere(lambda: seal_anew(subject_id))
        assert {first, *(row.story for row in rows)} == {f"слова {number}" for number in range(3)}
        act.cipher_of(subject_id)
        elsewhere(lambda: seal_anew(subject_id))
        assert len({row.story for row in Specimen.objects.filter(subject_id=subject_id)}) == 3
        assert Specimen.objects.filter(subject_id=subject_id).only("pk")[0].story.startswith("слова")


@pytest.mark.django_db(transaction=True)
def test_reader_of_a_value_that_was_destroyed_meanwhile_finds_nothing() -> None:
    subject_id = make_modest_person()

    with processing("rights", actor=JOB):
        profile = Profile.objects.get(subject_id=subject_id)
        address = MailAddress.objects.get(subject_id=subject_id)
    with processing("rights", actor=JOB) as act:
        profile, address = Profile.objects.get(pk=profile.pk), MailAddress.objects.get(pk=address.pk)
        elsewhere(lambda: order(subject_id))
        act.forget(subject_id)  # as after some seconds
        assert profile.first_name is None
        assert "@" in address.address
        elsewhere(lambda: _delete_row(address.pk))
        elsewhere(lambda: seal_anew(subject_id))
        act.forget(subject_id)
        with pytest.raises(Destroyed):
            _ = address.address


def _delete_row(row_id: UUID) -> None:
    with processing("retention", actor=JOB):
        MailAddress.objects.filter(pk=row_id).delete()


@pytest.mark.django_db(transaction=True)
def test_who_is_being_written_about_is_passed_over_and_an_officer_waits_a_moment() -> None:
    subject_id = make_modest_person()
    waits, goes = threading.Event(), threading.Event()

    def writing() -> None:
        with processing("rights", actor=JOB):
            profile = Profile.objects.get(subject_id=subject_id)
            profile.last_name = "Новая"
            profile.save()
            waits.set()
            goes.wait(10)

    thread = threading.Thread(target=lambda: elsewhere(writing))
    thread.start()
    waits.wait(10)
    with pytest.raises(HeldElsewhere), processing("retention", actor=JOB):
        resealing.hold(subject_id)
    threading.Timer(0.2, goes.set).start()

    order(subject_id)
    thread.join(10)

    assert not Profile.objects.filter(subject_id=subject_id, last_name__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("own_keyring")
def test_rotation_and_destroyed_parts_at_the_same_time_leave_every_key_open() -> None:
    people = [make_modest_person() for _ in range(6)]
    thread = threading.Thread(
        target=lambda: elsewhere(lambda: rotation.rotate(clock.now(), even_if_young=True, batch_size=2))
    )
    thread.start()
    done = [order(one) for one in people]
    thread.join(20)
    rotation.rotate(clock.now())

    with processing("rights", actor=JOB):
        assert all("@" in MailAddress.objects.get(subject_id=one).address for one in people)
    assert all(record.final_at > record.destroyed_at + timedelta(days=1) for record in done)
