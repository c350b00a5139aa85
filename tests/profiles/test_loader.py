from pathlib import Path

import pytest

from processing_log.operations import Operation
from profiles import current, load
from profiles.errors import Fault, InvalidProfile


def faults_after(folder: Path, file: str, old: str, new: str) -> list[Fault]:
    """What is found wrong once `old` in `file` reads `new`."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidProfile) as refused:
        load(folder)
    return list(refused.value.faults)


def test_current_is_the_profile_of_the_settings(settings):
    settings.OPERATOR_PROFILE = "loyal_club"

    assert current() is load("loyal_club")
    assert current().system_name == "Портал пользователей сервиса LOYAL CLUB"
    assert current().telemetry == ()


def test_load_merges_what_every_operator_does_by_law():
    rights = load("loyal_club").purpose("rights")

    assert rights.basis == "6.1.2"
    assert rights.works_on_blocked
    assert rights.subject_kinds == {"user", "staff", "guest"}
    assert rights.categories == {"email", "name", "request", "correspondence"}
    assert Operation.DESTROY not in rights.operations


def test_load_refuses_a_folder_that_is_not_there():
    with pytest.raises(InvalidProfile) as refused:
        load("nobody")

    assert refused.value.faults[0].reason == "does not exist"


PHONE = "\n".join(
    ["[categories.phone]", 'protection_class = "other"']
    + [
        f'{key}.{language} = "{words}"'
        for key in ("title", "source", "seen_by")
        for language, words in (("ru", "да"), ("en", "yes"))
    ]
)
CASES = {
    "a key nobody knows": (
        "data.toml",
        "required = true",
        "needed = true\nrequired = true",
        "fields[email].needed",
        "is not a known key",
    ),
    "a key in the wrong file": (
        "cookies.toml",
        "[[cookies]]",
        "telemetry = []\n[[cookies]]",
        "telemetry",
        "is not a known key of this file; it belongs in profile.toml",
    ),
    "a missing key": ("profile.toml", 'inn = "9715518580"\n', "", "operator.inn", "is missing"),
    "a wrong control digit": (
        "profile.toml",
        "9715518580",
        "9715518581",
        "operator.inn",
        "the control digit of the INN 9715518581 is wrong",
    ),
    "an empty text": ("data.toml", 'help.ru = "По желанию."', 'help.ru = " "', "fields[last_name].help.ru", "is empty"),
    "a blank to be filled in": (
        "data.toml",
        'help.ru = "По желанию."',
        'help.ru = "Срок: ____ дней"',
        "fields[last_name].help.ru",
        "holds a blank to be filled in: '____'",
    ),
    "a Latin letter in a Russian word": (
        "data.toml",
        'help.ru = "По',
        'help.ru = "Пo',
        "fields[last_name].help.ru",
        "mixes Latin and Cyrillic letters in one word: 'Пo'",
    ),
    "a Russian text in English": (
        "data.toml",
        'help.ru = "По желанию."',
        'help.ru = "Optional."',
        "fields[last_name].help.ru",
        "is not in Russian, and Russian is the master language",
    ),
    "a translation that is missing": (
        "data.toml",
        'help.en = "Optional."\n',
        "",
        "fields[last_name].help.en",
        "is missing",
    ),
    "a category nobody declared": (
        "purposes.toml",
        'categories = ["email", "name", "correspondence"]',
        'categories = ["email", "name", "phone"]',
        "purposes.account.categories",
        "'phone' is not a declared category",
    ),
    "a basis that is none": (
        "purposes.toml",
        'basis = "6.1.5"',
        'basis = "the Constitution"',
        "purposes.account.basis",
        "Input should be '6.1.1', '6.1.2'",
    ),
    "an operation that is none of the thirteen": (
        "purposes.toml",
        '"collect", ',
        '"sell", ',
        "purposes.account.operations[0]",
        "Input should be 'collect', 'record'",
    ),
    "a clause that the policy does not have": (
        "purposes.toml",
        '"3.5", "4.2"]',
        '"3.9", "4.2"]',
        "purposes.account.clauses",
        "'3.9' is not a declared clause of the policy",
    ),
    "a recipient nobody declared": (
        "purposes.toml",
        '["yookassa"]',
        '["yookassa", "post"]',
        "purposes.subscription.recipients",
        "'post' is not a declared recipient",
    ),
    "a category that is not needed": (
        "data.toml",
        "[categories.name]",
        f"{PHONE}\n\n[categories.name]",
        "categories.phone",
        "no purpose of this operator covers it: there is no reason to hold it",
    ),
    "a duty redefined": (
        "purposes.toml",
        "[purposes.account]",
        "[purposes.rights]",
        "purposes.rights",
        "is a duty of every operator and cannot be redefined",
    ),
    "work on blocked data": (
        "purposes.toml",
        'basis = "6.1.5"',
        'basis = "6.1.5"\nworks_on_blocked = true',
        "purposes.account.works_on_blocked",
        "the basis 6.1.5 does not go on while data is blocked (152-FZ, article 3)",
    ),
    "a term longer than the law's": (
        "retention.toml",
        "amount = 30",
        "amount = 31",
        "retention[subscription_ended].amount",
        "31 is longer than the 30 of D12 (152-FZ 21.4)",
    ),
    "a term in months": (
        "retention.toml",
        'unit = "calendar_days"',
        'unit = "months"',
        "retention[subscription_ended].unit",
        "D12 (152-FZ 21.4) counts in calendar days",
    ),
    "a term bound by a rule for something else": (
        "retention.toml",
        'law_rule = "D12"',
        'law_rule = "D27"',
        "retention[subscription_ended].law_rule",
        "the trigger subscription_ended is bound by D12 or D13, not by 'D27'",
    ),
    "advertising without consent": (
        "purposes.toml",
        'basis = "6.1.1"\nadvertising = true',
        'basis = "6.1.7"\nadvertising = true',
        "purposes.ads.basis",
        "advertising is allowed with prior consent only (152-FZ, article 15; 38-FZ, article 18)",
    ),
    "advertising under another name": (
        "purposes.toml",
        "advertising = true\n",
        "",
        "purposes.ads.advertising",
        "the words speak of advertising; it must be declared, and based on consent",
    ),
    "special data": (
        "data.toml",
        'protection_class = "other"',
        'protection_class = "special"',
        "categories.email.protection_class",
        "special and biometric data need consent in writing",
    ),
    "a recipient abroad": (
        "recipients.toml",
        'country = "RU"',
        'country = "DE"',
        "recipients.yookassa.country",
        "a recipient abroad needs the notice of article 12",
    ),
    "a cookie of a foreign database": (
        "cookies.toml",
        'country = "RU"',
        'country = "US"',
        "cookies[sessionid].country",
        "data of people in Russia may not be collected into databases abroad",
    ),
    "a consent for a purpose that needs none": (
        "consents/ads.1.toml",
        '"ads"',
        '"account"',
        "purpose",
        "'account' is not a purpose based on consent (6.1.1)",
    ),
    "a version of a consent left out": (
        "consents/ads.1.toml",
        "version = 1",
        "version = 2",
        "version",
        "should be 1: one text for a purpose, versions without gaps",
    ),
    "a text for two purposes": (
        "consents/surveys.1.toml",
        '"surveys"\nversion',
        '"advertising"\nversion',
        "slug",
        "is also the slug of ads: one text has one purpose",
    ),
    "a consent to another operator": (
        "consents/ads.1.ru.md",
        "«LOYAL CLUB»",
        "«LOYAL CLAB»",
        "text",
        "does not say 'Общество с ограниченной ответственностью «LOYAL CLUB»'",
    ),
    "a consent that does not say until when": (
        "consents/ads.1.ru.md",
        "## {term}",
        "## {until}",
        "section term",
        "must stand in the text exactly once (152-FZ, 9.4, items 3-8)",
    ),
    "a clause left out": (
        "policy/1.ru.md",
        "3.4. Персональные",
        "3.5. Персональные",
        "clause 3.5",
        "should have the number 3.4",
    ),
    "a section left out": ("policy/1.ru.md", "## 3. Цели", "## 4. Цели", "section 4", "should have the number 3"),
    "a clause in one language only": (
        "policy/1.en.md",
        "- assessing whether",
        "assessing whether",
        "3.6•6",
        "stands only in the Russian text",
    ),
    "a stray Russian word in English": (
        "policy/1.en.md",
        "under which",
        "that предусматривает",
        "clause 1.4•4",
        "has a Cyrillic word in the English text: 'предусматривает'",
    ),
    "a blank in the policy": (
        "policy/1.ru.md",
        "www.loyalclub.ru.\n\n9.2",
        "[ ].\n\n9.2",
        "clause 9.1",
        "holds a blank to be filled in: '[ ]'",
    ),
    "a policy that is not numbered from one": (
        "policy/1.toml",
        "number = 1",
        "number = 2",
        "number",
        "should be 1: versions are numbered without gaps",
    ),
    "another address in the policy": ("profile.toml", "помещ. 22/1", "помещ. 22/2", "text", "does not say '127495"),
    "a file that is no TOML": ("cookies.toml", "[[cookies]]", "[[cookies", "file", "cannot be read"),
}


@pytest.mark.parametrize("case", CASES)
def test_load_refuses_and_names_file_key_and_reason(folder, case):
    file, old, new, key, reason = CASES[case]

    faults = faults_after(folder, file, old, new)

    blamed = {
        "another address in the policy": "policy/1.ru.md",
        "a consent to another operator": "consents/ads.1.ru.md",
    }
    found = [fault for fault in faults if fault.key == key and fault.reason.startswith(reason)]
    assert blamed.get(case, file) in [fault.file for fault in found], "\n".join(map(str, faults))


def test_load_refuses_a_category_without_a_term(folder):
    path = folder / "retention.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"email", "name", ', '"email", '), encoding="utf-8")

    with pytest.raises(InvalidProfile) as refused:
        load(folder)

    reason = "has no retention rule: nobody could say until when it is held"
    assert refused.value.faults == (Fault(file="data.toml", key="categories.name", reason=reason),)


def test_load_refuses_a_purpose_on_consent_without_a_text(folder):
    for path in (folder / "consents").glob("surveys.*"):
        path.unlink()

    with pytest.raises(InvalidProfile) as refused:
        load(folder)

    reason = "is consent, and consents/ has no text for this purpose"
    assert refused.value.faults == (Fault(file="purposes.toml", key="purposes.surveys.basis", reason=reason),)


def test_load_refuses_a_text_without_its_translation(folder):
    (folder / "policy/1.en.md").unlink()

    with pytest.raises(InvalidProfile) as refused:
        load(folder)

    assert Fault(file="policy/1.en.md", key="file", reason="is missing") in refused.value.faults


def test_load_says_all_faults_at_once_in_lines_for_an_administrator(folder):
    path = folder / "retention.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("amount = 30", "amount = 60"), encoding="utf-8")

    with pytest.raises(InvalidProfile) as refused:
        load(folder)

    assert str(refused.value).splitlines()[1:] == [
        "  retention.toml: retention[account_deleted].amount: 60 is longer than the 30 of D12 (152-FZ 21.4)",
        "  retention.toml: retention[consent_withdrawn].amount: 60 is longer than the 30 of D13 (152-FZ 21.5)",
        "  retention.toml: retention[subscription_ended].amount: 60 is longer than the 30 of D12 (152-FZ 21.4)",
    ]
