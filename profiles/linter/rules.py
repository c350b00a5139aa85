"""The rules by name. Each has one sentence, and a test for what it must find and one for what it must leave alone."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`refuses`: a text with it is not published. The others are advice."""

    code: str
    sentence: Promise
    refuses: bool = True


@dataclass(frozen=True, kw_only=True, order=True)
class Finding:
    """What a rule found: where, in which words of the text."""

    line: int
    code: str
    quote: str = ""

    @property
    def rule(self) -> Rule:
        return RULES[self.code]

    @property
    def refuses(self) -> bool:
        return self.rule.refuses

    @property
    def reason(self) -> str:
        return f"{self.rule.sentence}: {self.quote}" if self.quote else str(self.rule.sentence)


def _refusal(code: str, sentence: Promise) -> Rule:
    return Rule(code=code, sentence=sentence)


def _advice(code: str, sentence: Promise) -> Rule:
    return Rule(code=code, sentence=sentence, refuses=False)


_ALL: Final = (
    # --- the wording
    _refusal("blank", _("A blank was left to be filled in")),
    _refusal("numbering", _("The numbers of clauses have a gap or stand twice")),
    _refusal("mixed_script", _("A word mixes Latin and Cyrillic letters")),
    _refusal("stray_word", _("A Russian word stands in the English text")),
    _refusal("not_russian", _("The text is not in Russian, and Russian is the master language")),
    _refusal("use_is_consent", _("To use the service is no consent: a consent is an act of its own (152-FZ, 9.1)")),
    _refusal("bundled_consent", _("One consent for several things, or inside another document (152-FZ, 9.1)")),
    _refusal("shape", _("A part of the text is missing, or stands where it cannot be read as part of a clause")),
    # --- what a document has to say
    _refusal("operator_card", _("The operator’s card needs the INN, the OGRN, an address and a contact")),
    _refusal("no_term", _("Nothing says how long data is kept (152-FZ, 18.1)")),
    _refusal("no_basis", _("Nothing says on which legal basis data is processed (152-FZ, 6.1)")),
    _refusal("no_categories", _("Nothing says which data is processed")),
    _refusal("clause_cited", _("A purpose rests on a clause that this text does not have")),
    _refusal("languages_differ", _("A clause stands in one language only")),
    _refusal("unchanged", _("The Russian text is the same as that of the version before")),
    _refusal("overtaken", _("Another version was published meanwhile; this draft would stand on the one before it")),
    _refusal("date", _("The first day of force has passed, or lies before that of the version before")),
    # --- the register of processing
    _refusal("purpose_term", _("A purpose without a term: no retention rule covers one of its categories")),
    _refusal("purpose_basis", _("A purpose without a legal basis")),
    _refusal("purpose_categories", _("A purpose without categories of data")),
    # --- advice
    _advice("silent_change", _("People have to learn of a change, above all of a wider one")),
    _advice("part_of_agreement", _("A policy inside an agreement makes its consents part of it (152-FZ, 9.1)")),
    _advice("wrong_ground", _("The Constitution and a charter are no basis for processing (152-FZ, 6.1)")),
    _advice("accuracy", _("The operator has to see to it that data is accurate (152-FZ, 5.6)")),
    _advice("open_list", _("A list of data or recipients that does not end says nothing (152-FZ, 5.5)")),
    _advice("foreign_counter", _("A foreign counter needs consent, and a database in Russia (152-FZ, 18.5)")),
    _advice("marketing_statistics", _("Marketing is no statistics and needs a consent of its own (152-FZ, 6.1.9, 15)")),
    _advice("effective_date", _("No date from which the text is in force")),
    _advice("responsible", _("Nobody is named who is responsible for the processing (152-FZ, 22.1)")),
    _advice("operations", _("Nothing says what is done with the data of each kind of people (152-FZ, 18.1)")),
    _advice("methods", _("Nothing says whether data is processed with or without automation")),
    _advice("recipients", _("Third parties are spoken of and not named (152-FZ, 14.7)")),
    _advice("answer_term", _("Nothing says within which term people are answered (152-FZ, 14, 20, 21)")),
    _advice(
        "rights", _("The rights of people are not all named: access, correction, blocking, destruction, withdrawal")
    ),
    _advice("register_number", _("No number of the operator in the register of Roskomnadzor")),
)

RULES: Final[dict[str, Rule]] = {rule.code: rule for rule in _ALL}
