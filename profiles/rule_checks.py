"""What must hold within one retention rule, so that its action can be carried out."""

from collections.abc import Iterator

from profiles.bases import Basis
from profiles.schema import Profile, RetentionRule

Finding = tuple[str, str]

#: Article 5, part 7 lets data be anonymised when its purpose is reached; articles 20 and 21 demand destruction where it
#: was unlawful, unneeded, or its consent was withdrawn.
MAY_ANONYMISE = ("D12",)
#: Article 21, part 6: what cannot be destroyed is blocked, and destroyed within six months.
MAY_BLOCK = ("D09", "D12", "D13")
LONGEST_BLOCK = 6
#: Who ends one consent ends what was held for it, and nothing is kept for another purpose by a rule of its own.
NOT_KEPT_LONGER = ("consent_withdrawn", "unlawful_found", "unneeded_proved", "destroyed", "answer_made")


def findings_in_rule(profile: Profile, rule: RetentionRule) -> Iterator[Finding]:
    yield from _anonymise(rule)
    yield from _block(rule)
    yield from _purposes(profile, rule)


def _anonymise(rule: RetentionRule) -> Iterator[Finding]:
    if rule.action != "anonymise":
        if rule.method:
            yield "method", f"is for rules that anonymise; this one says {rule.action!r}"
        return
    if not rule.method:
        yield "method", "is missing: anonymising needs a named method (composition or aggregation)"
    if rule.law_rule not in MAY_ANONYMISE:
        yield (
            "action",
            f"{rule.law_rule} demands destruction; anonymising is for reached purposes (152-FZ, article 5, part 7)",
        )
    if not rule.subject_kinds:
        yield "action", "only what is held about people can be anonymised"


def _block(rule: RetentionRule) -> Iterator[Finding]:
    if rule.action != "block":
        for key in ("obstacle", "destroy_months"):
            if getattr(rule, key):
                yield key, f"is for rules that block; this one says {rule.action!r}"
        return
    if not rule.obstacle:
        yield "obstacle", "is missing: blocking instead of destroying needs a reason (152-FZ, article 21, part 6)"
    if rule.law_rule not in MAY_BLOCK:
        yield "action", f"article 21, part 6 does not reach {rule.law_rule}"
    if not rule.subject_kinds:
        yield "action", "only people can be blocked"
    yield from _end_of_block(rule)


def _end_of_block(rule: RetentionRule) -> Iterator[Finding]:
    if not 1 <= rule.destroy_months <= LONGEST_BLOCK:
        reason = (
            f"must be 1 to {LONGEST_BLOCK}: what is blocked is destroyed within six months (152-FZ, article 21, part 6)"
        )
        yield "destroy_months", reason
    elif _days(rule) > rule.destroy_months * 28:
        yield "destroy_months", "destruction would come before the blocking"


def _days(rule: RetentionRule) -> int:
    """At most so many days: nine free days in a row are the longest that the calendar has."""
    return {"calendar_days": rule.amount, "working_days": 2 * rule.amount + 9, "months": 31 * rule.amount}[rule.unit]


def _purposes(profile: Profile, rule: RetentionRule) -> Iterator[Finding]:
    for code in sorted(rule.purposes - set(profile.purposes)):
        yield "purposes", f"{code!r} is not a declared purpose"
    known = [profile.purposes[code] for code in sorted(rule.purposes & set(profile.purposes))]
    if rule.purposes and rule.trigger in NOT_KEPT_LONGER:
        yield "purposes", f"nothing is kept for another purpose after {rule.trigger!r}"
    if rule.purposes and rule.action != "destroy":
        yield "purposes", "what was kept for longer is destroyed"
    for purpose in known:
        if purpose.basis == Basis.CONSENT:
            yield "purposes", f"{purpose.code} rests on consent: its withdrawal ends it"
