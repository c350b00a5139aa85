"""Each rule: a text in which it must find something, and one that looks like it and is in order."""

import time

import pytest

from profiles import load
from profiles.linter import RULES, lint_alone, lint_consent, lint_policy, lint_profile, marks_differ
from profiles.loader import HERE
from profiles.schema import Profile

PROFILE = load("loyal_club")
#: Found by looking at a whole profile, at both languages or at the version before: tested below and in tests/consent.
OTHERWISE = {
    "clause_cited",
    "languages_differ",
    "unchanged",
    "overtaken",
    "date",
    "purpose_term",
    "purpose_basis",
    "purpose_categories",
    "shape",
}
#: An invented policy in which nothing is missing. INN and OGRN are valid and nobody's.
WHOLE = """\
# Политика обработки персональных данных

Действует с 1 марта 2026 года. Номер в реестре операторов: 77-26-000001.

## 1. Общие положения

1.1. Оператор — ООО «Ромашка», ИНН 7707083893, ОГРН 1027700132195, адрес: 101000, г. Москва, ул. Лесная, д. 1,
электронная почта help@example.ru. Лицо, ответственное за организацию обработки, отвечает по этому же адресу.

1.2. Пользование сервисом не является согласием на обработку; согласие даётся отдельно по каждой цели.

## 2. Данные и цели

2.1. Оператор обрабатывает следующие данные: фамилию, имя, адрес электронной почты — на основании договора с вами.

2.2. Данные хранятся до удаления учётной записи и уничтожаются в течение 30 дней после него. Обработка
автоматизированная.

2.3. Совершаются запись, систематизация, накопление, хранение, уточнение, извлечение, использование, удаление.

2.4. Третьим лицам данные не передаются; оплату принимает АО «Василёк».

## 3. Права

3.1. Вы вправе получать сведения об обработке, требовать уточнения, блокирования и уничтожения данных, отозвать
согласие. Ответ даётся в течение 10 рабочих дней.
"""


OPERATIONS = "Совершаются запись, систематизация, накопление, хранение, уточнение, извлечение, использование, удаление."


def without(words: str, instead: str = "") -> str:
    assert words in WHOLE, words
    return WHOLE.replace(words, instead)


def clause(words: str) -> str:
    return f"{WHOLE}\n3.2. {words}\n"


MUST_FIND = {
    "blank": [
        clause("Соглашение размещено по адресу: , оно открыто."),
        clause("Письма принимаются по адресу: ________."),
        clause("Оператор — [ ]."),
        clause("The text is posted at:, as well as in other places."),
        clause("It is in force when posted on the website of the Company, at, unless otherwise said."),
        clause("Questions are sent to the Company at, or at its office."),
    ],
    "numbering": [without("2.3. ", "2.4. "), without("## 3. ", "## 4. "), without("2.2. ", "2.1. ")],
    "mixed_script": [clause("Oператор отвечает."), clause("Данные a также письма."), clause("The Оperator.")],
    "stray_word": ["1. General\n\n1.1. The Customer signs a contract that предусматривает a transfer of data."],
    "not_russian": ["1. General\n\n1.1. This policy is about personal data."],
    "use_is_consent": [
        clause("Использование Сервиса означает безоговорочное согласие Пользователя с Политикой."),
        clause("Регистрируясь на сайте, Пользователь соглашается на обработку своих данных."),
        clause("Пользуясь Сервисом, вы даёте своё согласие на обработку данных."),
        clause("Используя сайт, Посетитель принимает условия Политики."),
        clause("Use of the Website means your unconditional consent to the processing."),
        clause("By using our services, the user agrees:"),
        clause("To begin using the app in any manner confirms nothing, but the use of it confirms that you agree."),
    ],
    "bundled_consent": [
        clause("Даю согласие на обработку моих данных, а также на получение рекламы."),
        clause("Согласие на обработку данных и получение рассылок даётся один раз."),
        clause("Принимая условия оферты, Пользователь даёт согласие на обработку данных."),
        clause("Флажок выражает согласие с Политикой и правилами сервиса."),
        clause("The User gives consent to the processing, as well as to the transfer of data to partners."),
        clause("By accepting the Terms, the User expresses consent to processing."),
        clause("It means consent to this Policy and to the terms of processing."),
    ],
    "operator_card": [
        without("ИНН 7707083893, "),
        without("7707083893", "7707083894"),
        without("ОГРН 1027700132195, "),
        without("101000, "),
        without("help@example.ru", "почта сайта"),
    ],
    "no_term": [without("Данные хранятся до удаления учётной записи и уничтожаются в течение 30 дней после него. ")],
    "no_basis": [without(" — на основании договора с вами")],
    "no_categories": [without("следующие данные: фамилию, имя, адрес электронной почты", "данные")],
    "silent_change": [
        clause("Оператор вправе изменить Политику без какого-либо уведомления."),
        clause("The policy may be changed by the Company without special notice."),
    ],
    "part_of_agreement": [
        clause("Настоящая политика является неотъемлемой частью пользовательского соглашения."),
        clause("This Policy is an integral part of the User Agreement."),
    ],
    "wrong_ground": [
        clause("Правовыми основаниями обработки являются Конституция и устав."),
        clause("Legal grounds are: the Constitution; agreements."),
    ],
    "accuracy": [
        clause("Оператор не проверяет достоверность данных."),
        clause("The Company does not verify the accuracy of data."),
    ],
    "open_list": [
        clause("Данные включают имя, но не ограничиваются им."),
        clause("Including, but not limited to, names."),
    ],
    "foreign_counter": [clause("Сайт применяет счётчик Google Analytics."), clause("We use Facebook plugins.")],
    "marketing_statistics": [clause("Данные служат маркетинговым задачам и статистическим исследованиям.")],
    "effective_date": [without("Действует с 1 марта 2026 года. ")],
    "responsible": [without("Лицо, ответственное за организацию обработки, отвечает по этому же адресу.")],
    "operations": [
        without(OPERATIONS, "Нет."),
        without("Совершаются запись", "С данными клиентов: запись"),
    ],
    "methods": [without(" Обработка\nавтоматизированная.")],
    "recipients": [without("АО «Василёк»", "партнёр"), clause("Данные лежат в зашифрованных хранилищах третьих лиц.")],
    "answer_term": [without(" Ответ даётся в течение 10 рабочих дней.")],
    "rights": [without("блокирования и "), without(", отозвать\nсогласие")],
    "register_number": [without("Номер в реестре операторов: 77-26-000001.")],
}
MUST_LEAVE = {
    "blank": [
        clause("Пишите по адресу, указанному в пункте 1.1, или по электронной почте."),
        clause("Сроки: 10 дней (по статье 20), 30 дней."),
        clause("This is what we look at, and nothing else."),
    ],
    "numbering": [clause("Срок — 30 дней.\n\n127495, Москва"), WHOLE.replace("3.1. ", "3.1. Права.\n\n3.1.1. ")],
    "mixed_script": [clause("IP-адреса, cookie-файлы, LOYAL CLUB, д. 165Е, 152-ФЗ.")],
    "stray_word": [clause("Google и «LOYAL CLUB» — имена.")],
    "not_russian": [WHOLE],
    "use_is_consent": [
        clause("Само по себе использование сайта не означает согласия на обработку."),
        clause("Использование аналитических cookie-файлов признаётся возможным только с согласия."),
        clause("Используя средства защиты, Оператор принимает меры."),
        clause("Use of the service is not a consent to anything."),
    ],
    "bundled_consent": [
        clause("Можно отозвать согласие на обработку и на трансграничную передачу."),
        clause("Согласие на получение рекламы даётся отдельно."),
        clause("We ask for consent to each purpose on its own."),
    ],
    "silent_change": [clause("Об изменениях Политики мы уведомляем письмом.")],
    "part_of_agreement": [clause("Политика не является частью пользовательского соглашения.")],
    "wrong_ground": [clause("Оператор действует на основе Конституции. Основаниями обработки служат договоры.")],
    "accuracy": [clause("Оператор проверяет достоверность адреса письмом.")],
    "open_list": [clause("Обработка ограничивается целями.")],
    "foreign_counter": [clause("Сайт не использует Google Analytics.")],
    "marketing_statistics": [clause("Статистика ведётся по обезличенным данным; к маркетингу это не относится.")],
    "operations": [without(OPERATIONS, "Действия перечислены в перечне обработки.")],
}


def codes(text: str) -> set[str]:
    return {finding.code for finding in lint_alone(text)}


def test_whole_policy_has_no_finding():
    assert lint_alone(WHOLE) == []


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in MUST_FIND.items() for text in texts])
def test_rule_finds(code, text):
    assert code in codes(text)


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in MUST_LEAVE.items() for text in texts])
def test_rule_leaves_alone(code, text):
    assert code not in codes(text)


def test_each_rule_has_its_tests():
    assert set(RULES) == set(MUST_FIND) | OTHERWISE
    assert set(MUST_LEAVE) <= set(MUST_FIND)


def test_finding_says_line_and_words():
    text = (
        "# Политика\n\n1. Общее\n\n1.1. Первое.\n1.2. Сайт открыт. Пользование сайтом\nозначает согласие с Политикой."
    )

    finding = next(finding for finding in lint_alone(text) if finding.code == "use_is_consent")

    assert (finding.line, finding.quote) == (6, "Пользование сайтом означает согласие")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_policy_of_the_profile_is_clean(language):
    text = (HERE / f"loyal_club/policy/1.{language}.md").read_text(encoding="utf-8")

    linted = lint_policy(text, language, PROFILE)

    assert linted.findings == ()
    assert linted.document == PROFILE.policy.in_language(language)


@pytest.mark.parametrize("purpose", sorted(PROFILE.consents))
@pytest.mark.parametrize("language", ["ru", "en"])
def test_consent_of_the_profile_is_clean(purpose, language):
    text = (HERE / f"loyal_club/consents/{purpose}.1.{language}.md").read_text(encoding="utf-8")

    assert lint_consent(text, language, purpose, PROFILE).findings == ()


def consent_with(words: str) -> set[str]:
    text = (HERE / "loyal_club/consents/surveys.1.ru.md").read_text(encoding="utf-8")
    return {finding.code for finding in lint_consent(f"{text}\n{words}\n", "ru", "surveys", PROFILE).findings}


def test_consent_for_something_else_that_also_takes_advertising_is_bundled():
    assert "bundled_consent" in consent_with("Кроме того, мне можно присылать рекламные письма.")
    assert "bundled_consent" not in consent_with("Рекламу мне не присылают.")


def test_consent_without_one_of_its_sections_has_no_shape():
    text = (HERE / "loyal_club/consents/surveys.1.ru.md").read_text(encoding="utf-8").replace("{term}", "{until}")

    assert "shape" in {finding.code for finding in lint_consent(text, "ru", "surveys", PROFILE).findings}


def test_policy_must_have_the_clauses_that_purposes_cite_and_the_card_of_the_operator():
    text = (
        (HERE / "loyal_club/policy/1.ru.md").read_text(encoding="utf-8").replace("9.4. ", "").replace("9715518580", "")
    )

    found = {(finding.code, finding.quote) for finding in lint_policy(text, "ru", PROFILE).findings}

    assert ("clause_cited", "9.4") in found
    assert ("operator_card", "INN") in found


def test_text_before_the_first_section_has_no_shape():
    assert "shape" in {finding.code for finding in lint_policy("Просто слова.", "ru", PROFILE).findings}


def test_clauses_of_both_languages_are_the_same():
    assert marks_differ(("1.1", "1.2"), ("1.1", "1.2")) == []
    (finding,) = marks_differ(("1.1", "1.2", "1.2•1"), ("1.1", "1.2"))
    assert (finding.code, finding.quote) == ("languages_differ", "1.2•1")


def changed(code: str, **values: object) -> Profile:
    purposes = {**PROFILE.purposes, code: PROFILE.purposes[code].model_copy(update=values)}
    return PROFILE.model_copy(update={"purposes": purposes})


@pytest.mark.parametrize(
    ("profile", "code"),
    [
        (changed("ads", categories=frozenset()), "purpose_categories"),
        (changed("ads", basis=""), "purpose_basis"),
        (changed("ads", categories=frozenset({"phone"})), "purpose_term"),
    ],
)
def test_purpose_without_term_basis_or_categories_is_found(profile, code):
    assert [finding.code for finding in lint_profile(profile)] == [code]


def test_register_of_the_profile_is_clean():
    assert lint_profile(PROFILE) == []


def test_long_text_is_read_in_a_moment():
    text = WHOLE + "\n".join(
        f"- пункт {number}, где сайт использует данные и что-то ещё " * 12 for number in range(200)
    )
    began = time.perf_counter()

    lint_alone(text)

    assert time.perf_counter() - began < 5
