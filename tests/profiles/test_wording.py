import pytest

from profiles.wording import Text, faults_of_wording


@pytest.mark.parametrize(
    "text",
    [
        "Письма приходят на support@loyalclub.ru; cookie-файлы хранит браузер.",
        "Сервис YooKassa (НКО «ЮМани» (ООО)), ИНН 9715518580.",
        "Дмитровское шоссе, д. 165Е, корп. 7",
        "152-ФЗ, 38-ФЗ, IP-адреса",
    ],
)
def test_ordinary_russian_is_taken(text):
    assert list(faults_of_wording(text, "ru")) == []


@pytest.mark.parametrize("blank", ["____", "[ ]", "[•]", "( )", "«»", "<имя>", "{name}", "TODO", "....", "Lorem ipsum"])
def test_blank_to_be_filled_in_is_refused(blank):
    faults = list(faults_of_wording(f"Адрес: {blank}", "ru"))

    assert faults == [f"holds a blank to be filled in: {blank!r}"]


def test_each_word_of_two_scripts_is_named():
    faults = list(faults_of_wording("Oператор и cайт", "ru"))

    assert faults == [
        "mixes Latin and Cyrillic letters in one word: 'Oператор'",
        "mixes Latin and Cyrillic letters in one word: 'cайт'",
    ]


@pytest.mark.parametrize(
    ("language", "words"), [("ru", "да"), ("ru-ru", "да"), ("en", "yes"), ("en-gb", "yes"), ("de", "да")]
)
def test_text_falls_back_to_the_russian_master(language, words):
    assert Text(ru="да", en="yes").in_language(language) == words
