"""In whatever order people agree, object, leave and come back: advertising reaches those alone who want it.
MORE_EXAMPLES=300 tries as many orders."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

import pytest
from django.core import mail as post
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.services import delete_account
from consent.leaving import leave
from consent.links import WayOut
from consent.services import AlreadyInForce, MayNotConsent, NotInForce
from consent.suppressed import ALL_ADVERTISING, Suppression
from notifications import dispatch
from notifications.models import MailState
from retention.destruction import destroy_due
from tests.factories.accounts import make_user
from tests.factories.consent import GIVEN_AT, make_consent, make_withdrawal
from tests.factories.suppression import make_news, make_suppression, way_out

pytestmark = pytest.mark.usefixtures("published")

numbers = count()


@dataclass(kw_only=True)
class Story:
    """One address, whose owner may come back; beside it what ought to be, in two words."""

    address: str
    user: User
    agrees: bool = False
    objects: bool = False
    is_here: bool = True
    old_mails: list[WayOut] = field(default_factory=list)
    now: datetime = GIVEN_AT

    def suppress(self) -> None:
        make_suppression(address=self.address, scope=ALL_ADVERTISING, at=self.now)
        self.objects = True

    def suppress_this(self) -> None:
        make_suppression(address=self.address, scope="ads", at=self.now)
        self.objects = True

    def suppress_another(self) -> None:
        make_suppression(address=self.address, scope="ads_measurement", at=self.now)

    def consent(self) -> None:
        try:
            make_consent(subject_id=self.user.subject_id, at=self.now)
        except (AlreadyInForce, MayNotConsent):
            return
        self.agrees, self.objects = True, False

    def consent_to_another(self) -> None:
        try:
            make_consent(subject_id=self.user.subject_id, purpose="ads_measurement", at=self.now)
        except (AlreadyInForce, MayNotConsent):
            return

    def withdraw(self) -> None:
        try:
            make_withdrawal(subject_id=self.user.subject_id, at=self.now)
        except NotInForce:
            return
        self.agrees = False

    def unsubscribe(self) -> None:
        leave(self._mail(), channel=Suppression.Channel.ONE_CLICK, at=self.now)
        self.agrees, self.objects = False, True

    def complain(self) -> None:
        reason, channel = Suppression.Reason.COMPLAINT, Suppression.Channel.FEEDBACK
        leave(self._mail(), channel=channel, reason=reason, at=self.now)
        self.agrees, self.objects = False, True

    def unsubscribe_from_the_oldest_mail(self) -> None:
        """It may be one to the account that is long gone; that the address is to be left alone holds all the same."""
        oldest = self.old_mails[0] if self.old_mails else self._mail()
        leave(oldest, channel=Suppression.Channel.PAGE, at=self.now)
        self.objects = True
        if oldest.subject_id == self.user.subject_id:
            self.agrees = False

    def destroy(self) -> None:
        if self.is_here:
            delete_account(user=self.user, at=self.now)
            self.now += timedelta(days=60)
            destroy_due(self.now)
            self.is_here = self.agrees = False

    def come_back(self) -> None:
        if not self.is_here:
            self.user = make_user(address=self.address, at=self.now)
            self.is_here = True

    def _mail(self) -> WayOut:
        mail = way_out(subject_id=self.user.subject_id, address=self.address)
        self.old_mails.append(mail)
        return mail

    def may_be_written_to(self) -> bool:
        return self.is_here and self.agrees and not self.objects


ACTS: dict[str, Callable[[Story], None]] = {
    act.__name__: act
    for act in (
        Story.suppress,
        Story.suppress_this,
        Story.suppress_another,
        Story.consent,
        Story.consent_to_another,
        Story.withdraw,
        Story.unsubscribe,
        Story.complain,
        Story.unsubscribe_from_the_oldest_mail,
        Story.destroy,
        Story.come_back,
    )
}
#: A consent has to be common, or few stories are about more than nothing.
often = st.sampled_from([*ACTS, "consent", "consent", "come_back"])


def advertise_to(user: User) -> MailState | None:
    """None for somebody destroyed: the database takes no row about them, so there is nothing to send."""
    try:
        with transaction.atomic():
            mail = make_news(subject_id=user.subject_id)
    except DatabaseError:
        return None
    return dispatch.dispatch(mail.pk, at=mail.due_at)


@settings(
    max_examples=int(os.environ.get("MORE_EXAMPLES", "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(often, min_size=1, max_size=9))
def test_advertising_goes_out_only_while_a_consent_is_in_force_and_nothing_is_suppressed(published, acts):
    address = f"story-{next(numbers)}@example.org"
    story = Story(address=address, user=make_user(address=address))

    for act in acts:
        story.now += timedelta(hours=1)
        ACTS[act](story)
        post.outbox.clear()

        state = advertise_to(story.user)

        assert (state == MailState.SENT) == story.may_be_written_to(), act
        assert [letter.to for letter in post.outbox] == ([[address]] if story.may_be_written_to() else [])
