"""The PDF: every item in Cyrillic that can be copied, A4, nobody's words read as markup, no font but ours."""

import io
from datetime import timedelta

import pypdfium2
import pytest
from django.utils import translation

from personal_data.scope import processing
from subject_requests.answers.document import Asked, make_document
from subject_requests.answers.pdf import Addressee, make_pdf
from tests.factories.accounts import make_user
from tests.factories.answers import ASKED
from tests.factories.consent import publish
from tests.factories.personal_data import person
from tests.factories.retention import make_full_person
from tests.factories.subject_requests import make_request

pytestmark = pytest.mark.django_db

A4 = (595, 842)
HEADINGS = [
    "1. Подтверждение обработки",
    "2. Цели и правовые основания",
    "3. Способы обработки",
    "4. Оператор",
    "5. Данные и источник",
    "6. Сроки обработки и хранения",
    "7. Ваши права",
    "8. Передача данных за границу",
    "9. Кто обрабатывает данные по поручению оператора",
    "9.1. Как исполняются обязанности по статье 18.1",
    "10. Что ещё",
]


def pdf_of(subject_id, *, language="ru", addressee=None, at=ASKED):
    with translation.override(language):
        with processing("rights", actor=person(subject_id)):
            made = make_document(subject_id, at=at, asked=Asked(number="2026-000007", received_at=ASKED))
        return make_pdf(made.document, addressee=addressee)


def pages_of(pdf):
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    try:
        return [
            (tuple(round(side) for side in page.get_size()), page.get_textpage().get_text_bounded())
            for page in document
        ]
    finally:
        document.close()


def words_of(pages):
    return " ".join(" ".join(text for _size, text in pages).replace("\ufffe", "").replace("\u00ad", "").split())


def test_every_item_stands_in_the_pdf_and_can_be_copied():
    publish()
    pages = pages_of(pdf_of(make_full_person(name="Мария")))
    words = words_of(pages)

    assert {size for size, _text in pages} == {A4}
    assert [heading for heading in HEADINGS if heading not in words] == []
    assert "Общество с ограниченной ответственностью «LOYAL CLUB»" in words
    assert "2026-000007" in words
    assert "Мария" in words
    assert f"1 из {len(pages)}" in words


def test_english_answer_is_english():
    words = words_of(pages_of(pdf_of(make_user().subject_id, language="en")))

    assert "9.1. How the duties of article 18.1 are fulfilled" in words
    assert "Подтверждение" not in words


def test_words_of_people_are_never_markup():
    evil = '#sys.inputs #read("/etc/passwd") *bold* _x_ $1/0$ // end /* @ref <label> [x] `code` \\ = h'
    user = make_user(first_name=evil[:100])
    make_request(subject_id=user.subject_id, text=evil)

    words = words_of(pages_of(pdf_of(user.subject_id)))

    assert '#read("/etc/passwd") *bold* _x_ $1/0$ // end /* @ref <label>' in words


def test_letter_has_addressee_number_date_and_a_place_to_sign():
    address = ["Беловой Марии Сергеевне", "ул. Ленина, д. 1, кв. 2", "г. Рязань, 390000"]
    (size, first), *rest = pages_of(pdf_of(make_user().subject_id, addressee=Addressee(lines=address)))
    words = words_of([(size, first)])

    assert [line for line in address if line not in words] == []
    assert "№ 2026-000007 от 20 ноября 2026" in words
    assert "подпись" in words
    assert rest
    assert "Подтверждение обработки" not in words


def test_pages_are_drawn_with_our_face_and_no_box_for_a_letter():
    pdf = pdf_of(make_full_person())
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    picture = document[0].render(scale=1).to_pil().convert("L")
    dark = sum(picture.histogram()[:128])
    document.close()

    assert b"GolosText" in pdf
    assert b"DejaVu" not in pdf
    assert 0.005 < dark / (picture.width * picture.height) < 0.3


def test_answer_is_set_at_any_moment():
    assert pdf_of(make_user().subject_id, at=ASKED + timedelta(microseconds=123_456)).startswith(b"%PDF-")
