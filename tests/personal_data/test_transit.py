"""A keyring whose keys never leave a Vault: people are written, read, re-wrapped, and one epoch's key is destroyed."""

import secrets
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from law import clock
from operator_portal.testing import vault as vaults
from operator_portal.testing.vault import Vault
from personal_data import installation, keyring, rotation
from personal_data.errors import KeyringMismatch, KeyringMissing, WrongKey
from personal_data.models import KeyEpoch, Subject, SubjectKind
from personal_data.scope import processing
from personal_data.subject_state import label
from personal_data.transit import TransitRing, TransitStore
from personal_data.vault_http import CLIENT, VaultClient
from tests.factories.personal_data import LONG_AGO, make_specimen, staff
from tests.specimens.models import Specimen

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    program = vaults.program()
    if program is None:
        pytest.skip(vaults.NOT_RUN)
    running = Vault(program, tmp_path_factory.mktemp("vault"))
    yield running
    running.stop()


@pytest.fixture
def in_vault(
    vault: Vault, settings: Any, monkeypatch: pytest.MonkeyPatch, as_superuser: psycopg.Connection[Any]
) -> Iterator[TransitStore]:
    """The portal's keyring is in the Vault from its first start on."""
    monkeypatch.setenv("VAULT_ADDR", vault.address)
    monkeypatch.setenv("VAULT_TOKEN", vaults.TOKEN)
    monkeypatch.setattr(installation, "_fitting", {})
    monkeypatch.setattr(rotation, "SETTLE_SECONDS", 0)
    settings.KEYRING = f"vault:portal-{secrets.token_hex(4)}"
    keyring.forget()
    CLIENT.close()
    as_superuser.execute("ALTER TABLE vault.personal_data_keyepoch DISABLE TRIGGER epoch_guard")
    as_superuser.execute("DELETE FROM vault.personal_data_keyepoch")
    as_superuser.execute("ALTER TABLE vault.personal_data_keyepoch ENABLE ALWAYS TRIGGER epoch_guard")
    installation._open_first_epoch("default")
    store = keyring.store()
    assert isinstance(store, TransitStore)
    yield store
    keyring.forget()
    CLIENT.close()


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of the Vault."""
    asked: list[str] = []
    call = VaultClient.call

    def count(client: VaultClient, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        asked.append(path.split("/")[1])
        return call(client, method, path, body)

    monkeypatch.setattr(VaultClient, "call", count)
    return asked


def make_people(count: int) -> None:
    with processing("rights", actor=staff()):
        people = Subject.objects.create_many_for(kind=SubjectKind.USER, at=LONG_AGO, count=count)
        Specimen.objects.bulk_create([Specimen(subject=one, name=f"Мария {n}") for n, one in enumerate(people)])


def names() -> list[str]:
    with processing("rights", actor=staff()):
        return sorted(row.name for row in Specimen.objects.order_by("pk"))


def test_many_are_wrapped_and_unwrapped_with_few_messages(in_vault: TransitStore, messages: list[str]) -> None:
    make_people(100)
    wrapping = messages.count("encrypt")
    messages.clear()

    assert names() == sorted(f"Мария {number}" for number in range(100))
    assert wrapping == 1
    assert messages.count("decrypt") == 3  # the first that is read, and then 64 at once
    assert all(bytes(one.wrapped_key or b"").startswith(b"vault:v1:") for one in Subject.objects.all())


def test_no_key_is_kept_when_the_scope_has_ended(in_vault: TransitStore, messages: list[str]) -> None:
    make_people(3)
    names()
    messages.clear()
    names()

    assert messages.count("decrypt") == 2


def test_rotation_moves_the_living_to_a_new_version_and_trims_the_old_one(in_vault: TransitStore) -> None:
    make_people(20)
    subject = Subject.objects.all()[0]
    old = [(bytes(subject.wrapped_key or b""), label(1) + subject.id.bytes)]
    assert keyring.current().unwrap(old, 1) != [None]

    outcome = rotation.rotate(clock.now(), even_if_young=True, batch_size=7)

    assert (outcome.opened, outcome.rewrapped, outcome.left, outcome.destroyed) == (2, 20, 0, [1])
    assert names() == sorted(f"Мария {number}" for number in range(20))
    assert tuple(keyring.current().epochs) == (2,)
    assert in_vault._read()["min_available_version"] == 2
    with pytest.raises(KeyringMismatch):
        keyring.current().unwrap(old, 1)
    assert keyring.current().unwrap(old, 2) == [None]
    assert KeyEpoch.objects.get(number=1).destroyed_at


def test_a_process_that_knows_only_the_old_version_wraps_under_the_new_one(
    in_vault: TransitStore, settings: Any
) -> None:
    kept = keyring._kept[settings.KEYRING]
    rotation.rotate(clock.now(), even_if_young=True)
    keyring._kept[settings.KEYRING] = kept

    make_people(1)

    assert Subject.objects.get().epoch_id == 2
    assert names() == ["Мария 0"]


def test_a_wrapped_key_opens_for_its_own_person_alone(
    in_vault: TransitStore, as_superuser: psycopg.Connection[Any]
) -> None:
    mine, other = make_specimen(name="Мария"), make_specimen(name="Пётр")
    as_superuser.execute(
        "UPDATE vault.personal_data_subject a SET wrapped_key = b.wrapped_key FROM vault.personal_data_subject b "
        "WHERE a.id = %s AND b.id = %s", [mine.subject_id, other.subject_id],
    )  # fmt: skip

    with pytest.raises(WrongKey), processing("rights", actor=staff()):
        _ = Specimen.objects.get(pk=mine.pk).name


def test_look_ups_and_the_keyrings_name_stay_when_the_epoch_ends(in_vault: TransitStore) -> None:
    before = keyring.current()
    rotation.rotate(clock.now(), even_if_young=True)
    after = keyring.current()

    assert (before.id, before.derive("session")) == (after.id, after.derive("session"))
    assert isinstance(after, TransitRing)
    assert after.root.hex() not in repr(after)


def test_a_vault_that_is_away_is_said(in_vault: TransitStore, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    CLIENT.close()
    monkeypatch.setenv("VAULT_ADDR", "http://127.0.0.1:9")
    settings.KEYRING = "vault:elsewhere"

    with pytest.raises(KeyringMissing, match="does not answer"):
        keyring.current()
    monkeypatch.delenv("VAULT_TOKEN")
    keyring.forget()
    with pytest.raises(KeyringMissing, match="VAULT_TOKEN"):
        keyring.current()


def test_a_key_that_can_be_taken_out_of_the_vault_is_refused(
    in_vault: TransitStore, vault: Vault, settings: Any
) -> None:
    vault.ask("transit/keys/loose", b'{"type": "aes256-gcm96", "exportable": true}')
    settings.KEYRING = "vault:loose"

    with pytest.raises(KeyringMissing, match="can be taken out"):
        keyring.current()
