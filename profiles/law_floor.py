"""What the law asks of every operator. A profile may be stricter; it cannot be laxer, whatever its policy says."""

from collections.abc import Iterator

from law.rules import RULES, Kind, Unit
from profiles.bases import BASES_THAT_MAY_WORK_ON_BLOCKED, Basis
from profiles.schema import Profile, Purpose, RetentionRule

Finding = tuple[tuple[int | str, ...], str]

#: Terms after which data goes. One that ends a person's data can't hide behind a rule for something else.
BOUNDS_OF_TRIGGERS = {
    "consent_withdrawn": ("D13",),
    "unlawful_found": ("D09",),
    "unneeded_proved": ("D05",),
    "destroyed": ("D27",),
}
BOUNDS_OF_DATA = ("D12", "D13")
UNITS = {"calendar_days": Unit.CALENDAR_DAYS, "working_days": Unit.WORKING_DAYS, "months": Unit.MONTHS}
#: Counters whose databases are known to be abroad, whatever country a profile says.
COUNTERS_ABROAD = (
    "google.com",
    "google-analytics.com",
    "googleapis.com",
    "googlesyndication.com",
    "googletagmanager.com",
    "doubleclick.net",
    "googleadservices.com",
    "facebook.com",
    "facebook.net",
    "hotjar.com",
    "clarity.ms",
    "mixpanel.com",
    "segment.io",
    "segment.com",
    "amplitude.com",
    "bing.com",
    "cloudflareinsights.com",
    "criteo.com",
    "fullstory.com",
    "instagram.com",
    "intercom.io",
    "licdn.com",
    "linkedin.com",
    "matomo.cloud",
    "nr-data.net",
    "plausible.io",
    "posthog.com",
    "sentry.io",
    "tiktok.com",
    "twitter.com",
    "youtube.com",
)
WORDS_OF_ADVERTISING = ("реклам", "маркетинг", "advert", "marketing", "promot")


def findings_below_the_floor(profile: Profile) -> Iterator[Finding]:
    for place, rule in enumerate(profile.retention):
        for key, reason in _retention(rule, longer_by_law=_is_kept_by_law(profile, rule)):
            yield ("retention", place, key), reason
    for code, purpose in profile.purposes.items():
        for key, reason in _purpose(purpose):
            yield ("purposes", code, key), reason
    yield from _special_data(profile)
    yield from _abroad(profile)


def _special_data(profile: Profile) -> Iterator[Finding]:
    reason = "special and biometric data need consent in writing (articles 10 and 11), which the portal does not take"
    for code, category in profile.categories.items():
        if category.protection_class in ("special", "biometric"):
            yield ("categories", code, "protection_class"), reason


def _abroad(profile: Profile) -> Iterator[Finding]:
    notice = "a recipient abroad needs the notice of article 12, which is not kept here"
    for code, recipient in profile.recipients.items():
        if recipient.country != "RU":
            yield ("recipients", code, "country"), notice
    localisation = "data of people in Russia may not be collected into databases abroad (article 18, part 5)"
    for place, cookie in enumerate(profile.cookies):
        if cookie.country != "RU":
            yield ("cookies", place, "country"), localisation
    for code, group in profile.cookie_groups.items():
        if group.database_country != "RU":
            yield ("cookie_groups", code, "database_country"), localisation
        for host in sorted(host for host in group.hosts.all if _is_collected_abroad(host)):
            yield ("cookie_groups", code, "hosts"), f"{host}: {localisation}"


def _is_collected_abroad(host: str) -> bool:
    return any(f".{host}".endswith(f".{known}") for known in COUNTERS_ABROAD)


def _is_kept_by_law(profile: Profile, rule: RetentionRule) -> bool:
    """Only what a law orders to keep may be kept for longer than the thirty days of articles 20 and 21."""
    known = [profile.purposes[code] for code in rule.purposes if code in profile.purposes]
    return bool(known) and all(purpose.basis in BASES_THAT_MAY_WORK_ON_BLOCKED for purpose in known)


def _retention(rule: RetentionRule, *, longer_by_law: bool) -> Iterator[tuple[str, str]]:
    bounds = BOUNDS_OF_TRIGGERS.get(rule.trigger, BOUNDS_OF_DATA)
    if rule.law_rule not in bounds:
        yield "law_rule", f"the trigger {rule.trigger} is bound by {' or '.join(bounds)}, not by {rule.law_rule!r}"
        return
    if longer_by_law:
        return
    law = RULES[rule.law_rule]
    if UNITS[rule.unit] != law.unit:
        yield "unit", f"{law} ({law.article}) counts in {law.unit.name.lower().replace('_', ' ')}"
    elif law.kind == Kind.KEEP and rule.amount < law.amount:
        yield "amount", f"{rule.amount} is shorter than the {law.amount} of {law} ({law.article})"
    elif law.kind == Kind.LATEST and rule.amount > law.amount:
        yield "amount", f"{rule.amount} is longer than the {law.amount} of {law} ({law.article})"


def _purpose(purpose: Purpose) -> Iterator[tuple[str, str]]:
    words = f"{purpose.title.ru} {purpose.title.en} {purpose.description.ru} {purpose.description.en}".lower()
    if not purpose.advertising and any(word in words for word in WORDS_OF_ADVERTISING):
        yield "advertising", "the words speak of advertising; it must be declared, and based on consent"
    if purpose.advertising and not purpose.needs_consent:
        yield "basis", "advertising is allowed with prior consent only (152-FZ, article 15; 38-FZ, article 18)"
    if purpose.advertising and purpose.confirmation != "email":
        yield "confirmation", "a consent to advertising is confirmed from the mailbox: nobody else can be told apart"
    if purpose.dissemination and not purpose.needs_consent:
        yield "basis", "dissemination is allowed with a consent of its own only (152-FZ, article 10.1)"
    if (
        not purpose.needs_consent
        and not purpose.advertising
        and (purpose.confirmation != "none" or purpose.form != "click")
    ):
        yield "basis", "a confirmation and a form are for purposes based on consent"
    if purpose.basis == Basis.STATISTICS and "depersonalise" not in purpose.operations:
        yield "operations", "statistics on 6.1.9 are allowed with obligatory depersonalisation only"
