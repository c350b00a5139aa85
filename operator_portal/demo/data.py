"""Demo data: each state of each workflow, brought about by the services that people and staff use, back in time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from allauth.mfa.totp.internal import auth as totp
from django.core.files.base import ContentFile

from access.roles import Role
from accounts import services as accounts
from accounts.models import MailAddress, Profile, User
from backups import databases
from backups.tasks import back_up
from billing.days import today
from billing.services import open_subscription
from consent import mailbox, paper_services, showing, tokens
from consent import selectors as consents
from consent.leaving import leave
from consent.links import WayOut
from consent.models import Awaited, LedgerEntry, PaperConsent
from consent.paper_services import Entering
from consent.papers import Authority, GivenBy, PaperRefusal, Way
from consent.services import acknowledge_policy, give_consent, withdraw_consent
from consent.suppressed import ALL_ADVERTISING, Suppression
from consent.suppression import digest_of, suppress
from operator_portal.demo import answers, desk, intake, news, oversight, people, versions
from personal_data.scope import processing
from processing_log.actors import Actor
from profiles import current
from retention.destruction import destroy_due
from retention.holds import confirm_hold, place_hold
from retention.models import Ground, Obstacle
from subject_requests.models import Request
from systems.services import make_key

ACTOR: Final = Actor.system("demo")


class NotEmpty(Exception):
    """There are accounts already: demo data is for a fresh portal."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Who acts on the stage, and when it is played."""

    now: datetime
    anna: User
    staff: User
    officer: User
    admin: User
    others: list[User]

    def ago(self, days: int) -> datetime:
        return self.now - timedelta(days=days)


def play(now: datetime) -> Iterator[str]:
    """Fills a fresh portal; yields what was done. Raises NotEmpty."""
    if User.objects.exists():
        raise NotEmpty
    stage = _stage(now)
    yield "accounts"
    for scene in SCENES:
        scene(stage)
        yield scene.__name__.strip("_")


def _stage(now: datetime) -> Stage:
    password = people.password()
    by_role = {
        account.role: _account(
            account.email,
            {"last_name": account.last_name, "first_name": account.first_name},
            account.role,
            password,
            now,
        )
        for account in people.ACCOUNTS
    }
    others = [
        _account(
            people.address(number),
            {"last_name": last, "first_name": first, "patronymic": patronymic},
            Role.USER,
            password,
            now,
        )
        for number, (last, first, patronymic) in enumerate(people.OTHERS)
    ]
    return Stage(
        now=now,
        anna=by_role[Role.USER],
        staff=by_role[Role.STAFF],
        officer=by_role[Role.OFFICER],
        admin=by_role[Role.ADMIN],
        others=others,
    )


def _account(email: str, names: dict[str, str], role: Role, password: str, now: datetime) -> User:
    joined = now - timedelta(days=120)
    user = accounts.create_user(
        address=email, role=role, language="ru", at=joined, by=ACTOR, names=names, password=password
    )
    if role == Role.USER:
        policy = consents.newest_policy()
        assert policy is not None
        acknowledge_policy(subject_id=user.subject_id, shown=policy.sha256, actor=user.actor, at=joined)
    else:
        totp.TOTP.activate(user, totp.generate_totp_secret())
    return user


# --- the scenes -------------------------------------------------------------------------------------------------------


def _subscriptions(stage: Stage) -> None:
    """Running, about to end, ended and waiting for its term, and one that ends tomorrow's demo clock away."""
    ends = {stage.anna: 45, stage.others[0]: 3, stage.others[1]: -10, stage.others[2]: -25, stage.others[3]: -29}
    for user, days in ends.items():
        open_subscription(
            subject_id=user.subject_id,
            starts_on=today(stage.ago(100)),
            ends_on=today(stage.now + timedelta(days=days)),
            actor=stage.staff.actor,
            at=stage.now,
        )


def _consents(stage: Stage) -> None:
    """In force, withdrawn, waiting for a mail, left unanswered, declined; by button and by the link of a mail."""
    offered = consents.offered_consents("ru")
    for shown in offered[:2]:
        _give(stage.anna, shown, stage.ago(90))
    withdraw_consent(
        subject_id=stage.anna.subject_id, purpose=offered[1].row.purpose, actor=stage.anna.actor, at=stage.ago(12)
    )
    for shown in offered:
        _give(stage.others[6], shown, stage.ago(60))
    by_mail = [shown for shown in offered if shown.row.confirmation == "email"]
    _press(stage.anna, by_mail[-1], stage.ago(0))
    _press(stage.others[0], by_mail[0], stage.ago(20))  # never answered
    _press(stage.others[4], by_mail[0], stage.ago(2))
    mailbox.decline(
        subject_id=stage.others[4].subject_id,
        purpose=by_mail[0].row.purpose,
        actor=stage.others[4].actor,
        at=stage.ago(1),
    )


def _press(user: User, shown: consents.ShownConsent, at: datetime) -> LedgerEntry | Awaited:
    page = showing.show(subject_id=user.subject_id, shown=shown, actor=user.actor, at=at)
    return give_consent(
        subject_id=user.subject_id, purpose=shown.row.purpose, nonce=page.nonce, actor=user.actor, at=at
    )


def _give(user: User, shown: consents.ShownConsent, at: datetime) -> None:
    """The mail is answered an hour later, where there is one."""
    given = _press(user, shown, at)
    if isinstance(given, Awaited):
        mailbox.confirm(code=tokens.link_code_of(given.pk), actor=Actor.stranger(), at=at + timedelta(hours=1))


def _widening(stage: Stage) -> None:
    """Two people agreed to less than is done today: their consents are on hold, and one of them has agreed anew."""

    def agree(user: User, days: int) -> None:
        (surveys,) = (shown for shown in consents.offered_consents("ru") if shown.row.purpose == "surveys")
        _give(user, surveys, stage.ago(days))

    def before() -> None:
        agree(stage.anna, 48)
        agree(stage.others[0], 47)

    versions.play_widening(_hands(stage), narrow_at=stage.ago(50), wide_at=stage.ago(40), between=before)
    agree(stage.others[0], 35)


def _hands(stage: Stage) -> versions.Hands:
    return versions.Hands(author=stage.officer.actor, second=stage.admin.actor)


def _papers(stage: Stage) -> None:
    """On paper and by telephone: waiting for a second person, confirmed, refused; by a parent too."""
    scan = ContentFile(b"%PDF-1.4 demo", name="consent.pdf")
    surveys, site = (
        next(one for one in consents.offered_consents("ru") if one.row.purpose == code)
        for code in ("surveys", "site_improvement")
    )

    def enter(user: User, shown: consents.ShownConsent, days: int, **more: Any) -> PaperConsent:
        values: dict[str, Any] = {"way": Way.PAPER, "document": scan} | more
        entering = Entering(
            subject_id=user.subject_id,
            text_id=shown.row.pk,
            language="ru",
            received_at=stage.ago(days),
            **values,
        )
        return paper_services.enter(entering, actor=stage.staff.actor, at=stage.ago(days))

    confirmed = [
        enter(stage.others[1], surveys, 30),
        enter(stage.others[2], site, 8, way=Way.TELEPHONE, document=None, caller="Ёлкина Дарья"),
    ]
    for paper in confirmed:
        paper_services.confirm(paper_id=paper.pk, actor=stage.officer.actor, at=stage.ago(6))
    refused = enter(stage.others[3], surveys, 5)
    paper_services.refuse(paper_id=refused.pk, why=PaperRefusal.NOT_SIGNED, actor=stage.officer.actor, at=stage.ago(4))
    enter(stage.others[3], surveys, 2)
    enter(
        stage.others[5],
        surveys,
        1,
        given_by=GivenBy.GUARDIAN,
        representative="Крылова Ольга",
        authority=Authority.BIRTH_CERTIFICATE,
        authority_until=stage.now.date() + timedelta(days=900),
        authority_document=scan,
    )


def _suppressions(stage: Stage) -> None:
    """People who want no advertising: one pressed the button of the mail program, one called a mail spam, one wrote to
    the operator, as did somebody who has no account. The news then finds who is left."""
    (advertising,) = (shown for shown in consents.offered_consents("ru") if shown.row.purpose == news.PURPOSE)
    for number in (4, 5, 8):
        _give(stage.others[number], advertising, stage.ago(50))
    leave(_way_out(stage, 5), channel=Suppression.Channel.ONE_CLICK, at=stage.ago(20))
    leave(
        _way_out(stage, 8),
        channel=Suppression.Channel.FEEDBACK,
        reason=Suppression.Reason.COMPLAINT,
        at=stage.ago(15),
    )
    for address in (people.address(4), "passer-by@example.org"):
        suppress(
            digest_of(address),
            scope=ALL_ADVERTISING,
            reason=Suppression.Reason.OBJECTION,
            channel=Suppression.Channel.DESK,
            actor=stage.staff.actor,
            at=stage.ago(6),
        )
    news.send_news(stage.now)


def _way_out(stage: Stage, number: int) -> WayOut:
    digest = digest_of(people.address(number))
    return WayOut(subject_id=stage.others[number].subject_id, digest=digest, purpose=news.PURPOSE)


def _versions(stage: Stage) -> None:
    versions.play(_hands(stage), stage.now)


def _requests(stage: Stage) -> None:
    desk.play(stage)


def _from_outside(stage: Stage) -> None:
    intake.play(stage)


def _answers(stage: Stage) -> None:
    answers.play(stage)


def _looks(stage: Stage) -> None:
    """Staff opened values, each time for a reason: what `/me/log/` and `/audit/` show."""
    number = (
        Request.objects.filter(subject_id=stage.anna.subject_id)
        .order_by("received_at")
        .values_list("number", flat=True)[0]
    )
    with processing("rights", actor=stage.staff.actor, reason=f"identify {number}"):
        _ = MailAddress.objects.get(subject_id=stage.anna.subject_id).address
    with processing("rights", actor=stage.officer.actor, reason=f"answer {number}"):
        _ = Profile.objects.get(subject_id=stage.anna.subject_id).last_name


def _stays(stage: Stage) -> None:
    """Three whose term is over or nearly so and who stay: for a case in court, because destruction is impossible for
    now, and for three days, because nobody has confirmed the hold yet."""
    for number, days, ground, obstacle in (
        (12, 40, Ground.COURT, ""),
        (13, 32, Ground.IMPOSSIBLE, Obstacle.STORAGE),
    ):
        user = stage.others[number]
        accounts.delete_account(user=user, at=stage.ago(days))
        hold = place_hold(
            subject_id=user.subject_id, ground=ground, until=stage.ago(-60), actor=stage.officer.actor,
            at=stage.ago(days - 25), obstacle=obstacle,
        )  # fmt: skip
        confirm_hold(hold_id=hold.pk, actor=stage.admin.actor, at=stage.ago(days - 26))
    place_hold(
        subject_id=stage.others[3].subject_id, ground=Ground.COMPLAINT, until=stage.ago(-20),
        actor=stage.officer.actor, at=stage.ago(1),
    )  # fmt: skip


def _farewells(stage: Stage) -> None:
    """One account deleted and waiting, three people whose term is over: destroyed, with a receipt each."""
    accounts.delete_account(user=stage.others[9], at=stage.ago(2))
    for user, days in zip(stage.others[10:12], (31, 45), strict=True):
        accounts.delete_account(user=user, at=stage.ago(days))
    destroy_due(stage.now)


def _other_system(stage: Stage) -> None:
    """The one that sends mailings asks before it does. Its key is shown where the demo's password is."""
    purposes = sorted(purpose.code for purpose in current().purposes.values() if purpose.needs_consent)
    made = make_key(
        name="mailings",
        purposes=purposes,
        per_minute=600,
        expires_at=stage.now + timedelta(days=90),
        actor=ACTOR,
        at=stage.ago(30),
    )
    people.keep(key=made.secret)


def _oversight(stage: Stage) -> None:
    oversight.play(staff=stage.staff, officer=stage.officer, admin=stage.admin, others=stage.others[4:], now=stage.now)


def _backup(stage: Stage) -> None:
    """Made, and restored beside the data as a drill, by the worker as soon as it is up."""
    if databases.url(databases.BACKUP):
        back_up.delay()


SCENES: Final[tuple[Callable[[Stage], None], ...]] = (
    _subscriptions,
    _consents,
    _widening,
    _papers,
    _suppressions,
    _versions,
    _requests,
    _answers,
    _from_outside,
    _looks,
    _stays,
    _farewells,
    _other_system,
    _oversight,
    _backup,
)
