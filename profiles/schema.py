"""The operator profile as typed, frozen values. What a single value can't know is in `checks`."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy
from pydantic import AfterValidator, Field, StringConstraints

from processing_log.operations import Operation
from profiles.bases import Basis
from profiles.consent_sections import Confirmation, ConsentForm
from profiles.documents import ConsentText, PolicyVersion
from profiles.frozen import Frozen
from profiles.registry_numbers import valid_inn, valid_ogrn
from profiles.wording import Text

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]
SubjectKind = Literal["user", "staff", "guest"]
FieldCode = Literal["email", "last_name", "first_name", "patronymic"]


class Method(TextChoices):
    AUTOMATED = "automated", pgettext_lazy("method of processing", "automated")
    NON_AUTOMATED = "non_automated", pgettext_lazy("method of processing", "non-automated")
    MIXED = "mixed", pgettext_lazy("method of processing", "mixed")


class Responsible(Frozen):
    """Who organises the processing (152-FZ, article 22.1), and how to reach them."""

    title: Text
    email: Email


class Operator(Frozen):
    name: Text
    short_name: Text
    inn: Annotated[str, AfterValidator(valid_inn)]
    ogrn: Annotated[str, AfterValidator(valid_ogrn)]
    address: Text
    email: Email
    website: Host
    responsible: Responsible


class Category(Frozen):
    """A kind of personal data. `protection_class` is the one of Decree 1119."""

    code: Code
    title: Text
    protection_class: Literal["other", "public", "special", "biometric"]
    source: Text
    seen_by: Text


class ProfileField(Frozen):
    """A value people may give about themselves. `consequence` is said before they remove it."""

    code: FieldCode
    category: Code
    required: bool
    label: Text
    help: Text
    consequence: Text
    verification: Literal["none", "email_link", "document"]
    max_length: Annotated[int, Field(ge=1, le=254)]


class Purpose(Frozen):
    """`confirmation`, `form` and `dissemination` say what a consent to this purpose needs beside a click: a mail that
    its owner answers, a signature on paper (article 9, part 4), conditions set by the person (article 10.1)."""

    code: Code
    title: Text
    description: Text
    clauses: tuple[str, ...] = ()
    basis: Basis
    basis_note: Text
    subject_kinds: frozenset[SubjectKind]
    categories: frozenset[Code]
    operations: frozenset[Operation]
    method: Method
    works_on_blocked: bool = False
    advertising: bool = False
    confirmation: Confirmation = "none"
    form: ConsentForm = "click"
    dissemination: bool = False
    recipients: frozenset[Code] = frozenset()

    @property
    def needs_consent(self) -> bool:
        return self.basis == Basis.CONSENT

    def covers(self, category: str) -> bool:
        return category in self.categories


class PurposeWithoutData(Frozen):
    """What the policy allows, and the portal does without touching anybody's data. `how` says by what means."""

    code: Code
    title: Text
    clauses: tuple[str, ...]
    how: Text


class RetentionRule(Frozen):
    """When something ends (`trigger`), what is done after how long. `law_rule` is the rule of `law` that bounds it.

    A rule with `purposes` says for how long these need their data after the event; what nothing else needs goes by the
    rule without. `method` names how to anonymise; a rule that blocks says why it cannot destroy (`obstacle`), and when
    it will: `destroy_months` after the event."""

    code: Code
    trigger: Code
    amount: Annotated[int, Field(ge=0)]
    unit: Literal["calendar_days", "working_days", "months"]
    action: Literal["destroy", "anonymise", "block"]
    method: Literal["composition", "aggregation", ""] = ""
    obstacle: Literal["storage", "other_system", "fault", ""] = ""
    destroy_months: Annotated[int, Field(ge=0)] = 0
    law_rule: str
    norm: Text
    title: Text
    subject_kinds: frozenset[SubjectKind] = frozenset()
    categories: frozenset[Code] = frozenset()
    purposes: frozenset[Code] = frozenset()


class Recipient(Frozen):
    """Who, beside the operator's staff, gets data, or is met by people on their way."""

    code: Code
    title: Text
    role: Literal["independent", "processor", "authority"]
    country: Country
    what: Text
    why: Text
    website: Host
    categories: frozenset[Code]


class Cookie(Frozen):
    """What may lie in a visitor's browser. A name may end in a star; `days` is the longest it lies there, 0 means until
    the browser is closed."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,60}\*?$")]
    kind: Literal["cookie", "local_storage"] = "cookie"
    group: Code
    owner: Text
    country: Country
    why: Text
    term: Text
    days: Annotated[int, Field(ge=0)]


class CookieHosts(Frozen):
    """Hosts of others, by what the page wants of them."""

    script: tuple[Host, ...] = ()
    connect: tuple[Host, ...] = ()
    img: tuple[Host, ...] = ()

    @property
    def all(self) -> frozenset[str]:
        return frozenset((*self.script, *self.connect, *self.img))


class Metrica(Frozen):
    """Yandex.Metrica counts the visits of those who chose this group."""

    counter: Annotated[int, Field(ge=1)]


class CookieGroup(Frozen):
    """Cookies that are chosen or refused together. `purposes` and `recipients` are codes, so that a changed wording is
    told from a changed matter."""

    code: Code
    title: Text
    description: Text
    database_country: Country
    purposes: frozenset[Code] = frozenset()
    recipients: frozenset[Code] = frozenset()
    hosts: CookieHosts = CookieHosts()
    metrica: Metrica | None = None

    @property
    def is_optional(self) -> bool:
        return self.code != "necessary"


class CookieChoiceTerms(Frozen):
    """For how long a visitor is not asked again, and for how long the record of the choice is kept."""

    days: Annotated[int, Field(ge=1, le=365)]
    evidence_days: Annotated[int, Field(ge=1)]


class Profile(Frozen):
    """`measures` are the clauses of the policy that say how the duties of article 18.1 are met: answers to people quote
    them."""

    code: Code
    operator: Operator
    system_name: str
    scope_hosts: tuple[Host, ...]
    telemetry: tuple[Code, ...]
    acts_for_customers: bool = False
    measures: tuple[str, ...] = ()
    categories: Mapping[Code, Category]
    fields: tuple[ProfileField, ...]
    purposes: Mapping[Code, Purpose]
    without_data: tuple[PurposeWithoutData, ...] = ()
    retention: tuple[RetentionRule, ...]
    #: so many days a backup of the data is kept
    backup_days: Annotated[int, Field(ge=1, le=365)] = 30
    #: so many whole months the log is kept; three years is what Order 179 asks for, and the database holds it
    log_months: Annotated[int, Field(ge=36, le=600)] = 36
    #: so often an auditor in force gets the newest checkpoint of the log by mail
    checkpoint_mail_hours: Annotated[int, Field(ge=1, le=168)] = 24
    recipients: Mapping[Code, Recipient] = {}
    cookies: tuple[Cookie, ...]
    cookie_groups: Mapping[Code, CookieGroup]
    cookie_choice: CookieChoiceTerms | None = None
    policy_versions: tuple[PolicyVersion, ...]
    consent_texts: tuple[ConsentText, ...] = ()

    def purpose(self, code: str) -> Purpose:
        """Raises KeyError: a purpose that the profile does not declare does not exist."""
        return self.purposes[code]

    @property
    def collects_visit_data(self) -> bool:
        """Whether anything about a visit (address, browser, pages) may be collected at all."""
        return bool(self.telemetry)

    @property
    def optional_cookie_groups(self) -> tuple[CookieGroup, ...]:
        """In the order of the profile."""
        return tuple(group for group in self.cookie_groups.values() if group.is_optional)

    @property
    def policy(self) -> PolicyVersion:
        """The newest version."""
        return self.policy_versions[-1]

    @cached_property
    def policy_marks(self) -> frozenset[str]:
        """The numbers by which the newest policy can be cited: "3.6", "3.6•2"…"""
        return frozenset(self.policy.ru.marks) if self.policy_versions else frozenset()

    @cached_property
    def consents(self) -> Mapping[str, ConsentText]:
        """The newest text for each consent-based purpose, by the purpose's code."""
        return {text.purpose: text for text in sorted(self.consent_texts, key=lambda text: text.version)}

    def purposes_of(self, category: str) -> tuple[Purpose, ...]:
        return tuple(purpose for purpose in self.purposes.values() if purpose.covers(category))

    def retention_of(self, category: str) -> tuple[RetentionRule, ...]:
        return tuple(rule for rule in self.retention if category in rule.categories)
