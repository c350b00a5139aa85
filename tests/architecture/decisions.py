"""Who may open which address, and what everybody else is answered: one line for each address of the portal.

An address that is not here fails tests/architecture/test_roles.py: whoever adds one decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from access.roles import DESK_ROLES, EVERY_ROLE, Role
from subject_requests.desk.acts import ACTS
from tests.architecture.stage import OTHER_USER, OWNER, ROLES, STRANGER, WITHOUT

SIGN_IN: Final = "sent to sign in"
SECOND_FACTOR: Final = "sent to set up a second factor"
Answer = int | str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """`roles` is None where no rule of ours asks for a sign-in. `answer` is for those who may; `others` names whoever
    gets a different one. `owned`: the address names a thing of one person, and nobody else hears that it exists."""

    roles: frozenset[Role] | None
    answer: Answer = 200
    method: str = "get"
    owned: bool = False
    needs_factor: bool = True
    others: Mapping[str, Answer] = field(default_factory=dict)

    def answer_to(self, who: str) -> Answer:
        if who in self.others:
            return self.others[who]
        if self.roles is None:
            return self.answer
        if who == STRANGER:
            return SIGN_IN
        if ROLES[who] not in self.roles:
            return 403
        if who.endswith(WITHOUT) and self.needs_factor:
            return SECOND_FACTOR
        return 404 if self.owned and who != OWNER else self.answer

    def whom_to_ask(self) -> list[str]:
        """Everybody whose answer could differ."""
        without = [who for who in ROLES if who.endswith(WITHOUT) and ROLES[who] in (self.roles or ())]
        return [STRANGER, *(who for who in ROLES if not who.endswith(WITHOUT)), *without]


def to_all(answer: Answer = 200, **more: object) -> Decision:
    return Decision(roles=None, answer=answer, **more)  # type: ignore[arg-type]


def to(*roles: Role, answer: Answer = 200, **more: object) -> Decision:
    return Decision(roles=frozenset(roles), answer=answer, **more)  # type: ignore[arg-type]


SIGNED_IN: Final = to(*EVERY_ROLE)
#: allauth's own pages: whoever is signed in, also who has yet to set up a second factor.
AT_THE_DOOR: Final = replace(SIGNED_IN, needs_factor=False)
#: Pages for strangers; whoever is in already is sent home.
ENTRANCE: Final = to_all(others=dict.fromkeys(ROLES, 302))
PEOPLE: Final = to(Role.USER, Role.REPRESENTATIVE)
USERS: Final = to(Role.USER)
DESK: Final = to(*DESK_ROLES)
ANSWERING: Final = to(Role.STAFF, Role.OFFICER, method="post")
#: Of the desk those who take in what people bring; an administrator only looks.
ENTERING: Final = replace(DESK, others={"admin": 403})
#: Holds, and large runs of destruction.
DECIDING: Final = replace(DESK, others={"staff": 403})
AUDITORS: Final = to(Role.AUDITOR)
#: Drafts of policies: an officer writes, another officer or an administrator publishes.
WRITING: Final = to(Role.OFFICER)
PUBLISHING: Final = to(Role.OFFICER, Role.ADMIN)


#: The API says itself who may: 401 to whoever is not signed in, 403 to those who have a desk.
BY_SESSION: Final = to_all(403, others={STRANGER: 401, OWNER: 200, OTHER_USER: 200, "representative": 200})


def of_its_owner(answer: Answer = 200) -> Decision:
    elsewhere = 404 if answer == 200 else answer
    others = {STRANGER: 401, OWNER: answer, OTHER_USER: elsewhere, "representative": elsewhere}
    return to_all(403, others=others)


def by_post(decision: Decision, answer: Answer = 302) -> Decision:
    return replace(decision, method="post", answer=answer)


def owned(decision: Decision, answer: Answer = 200) -> Decision:
    return replace(decision, owned=True, answer=answer)


# --- the admin's own pages of one model ------------------------------------------------------------------------------

_NOBODY: Final = replace(DESK, answer=403)
_READ_ONLY: Final = {
    "": DESK,
    "add/": _NOBODY,
    "<path:object_id>/history/": DESK,
    "<path:object_id>/delete/": _NOBODY,
    "<path:object_id>/change/": DESK,
    "<path:object_id>/": replace(DESK, answer=302),
}


def desk_pages(model: str, **more: Decision) -> dict[str, Decision]:
    """Looked at, not changed; `more` by the last word of the address."""
    pages = {**_READ_ONLY, **{f"{name}/": decision for name, decision in more.items()}}
    return {f"admin/{model}/{rest}": decision for rest, decision in pages.items()}


def request_pages() -> dict[str, Decision]:
    """Whoever answers has the buttons; one that is not there in the state of the request leads back to its page."""
    one = "admin/subject_requests/request/<uuid:request_id>/"
    shown_again = {"note", "widen"}  # a form without words
    return {
        **desk_pages("subject_requests/request", find=by_post(DESK), figures=DESK),
        "admin/subject_requests/request/figures/export/": by_post(DESK, answer=400),
        "admin/subject_requests/request/enter/": replace(ANSWERING, method="get"),
        "admin/subject_requests/request/people/": replace(ANSWERING, method="get"),
        "admin/subject_requests/request/people/absences/<int:absence_id>/cancel/": replace(ANSWERING, answer=302),
        "admin/subject_requests/request/calendar/": ANSWERING,
        f"{one}open/": by_post(DESK, answer=200),
        f"{one}hand-over/": replace(ANSWERING, method="get"),
        f"{one}proof/<uuid:correction_id>/": replace(ANSWERING, answer=302),
        f"{one}told/<int:notice_id>/": replace(ANSWERING, answer=302),
        **{f"{one}{code}/": replace(ANSWERING, answer=200 if code in shown_again else 302) for code in ACTS},
        "desk/calendar/<str:code>.ics": to_all(),
    }


def keys_of_other_systems() -> dict[str, Decision]:
    """Administrators and privacy officers look and revoke; administrators make them."""
    pages = desk_pages("systems/systemkey", add=replace(DESK, roles=frozenset({Role.ADMIN})))
    who = frozenset({Role.OFFICER, Role.ADMIN})
    return {
        route: page if page.answer == 302 else replace(page, roles=who & (page.roles or who))
        for route, page in pages.items()
    } | {
        "admin/systems/systemkey/<uuid:key_id>/revoke/": by_post(replace(DESK, roles=who)),
    }


DECISIONS: Final[dict[str, Decision]] = {
    "": to_all(),
    "language/": by_post(to_all()),
    "looks/theme/": by_post(to_all()),
    "healthz": to_all(),
    "readyz": to_all(),
    "metrics": to_all(404),  # until the operator sets a token
    ".well-known/security.txt": to_all(),
    ".well-known/gpc.json": to_all(),
    ".well-known/receipt-keys.json": to_all(),
    "receipts/rcp_<uuid:entry_id>": to_all(302),
    "consents/cns_<uuid:entry_id>": to_all(302),
    "ns/152fz": to_all(),
    "ns/152fz.jsonld": to_all(),
    "ns/receipt/1": to_all(),
    # --- signing up and in
    "accounts/login/": ENTRANCE,
    "accounts/signup/": ENTRANCE,
    "accounts/logout/": to_all(others={STRANGER: 302}),
    "accounts/inactive/": to_all(),
    "accounts/confirm-email/": to_all(),
    r"accounts/^confirm-email/(?P<key>[-:\w]+)/$": to_all(),
    "accounts/password/reset/": to_all(),
    "accounts/password/reset/done/": to_all(),
    r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": to_all(),
    "accounts/password/reset/key/done/": to_all(),
    "accounts/login/code/confirm/": replace(ENTRANCE, others={**ENTRANCE.others, STRANGER: SIGN_IN}),
    "accounts/email/": SIGNED_IN,
    "accounts/reauthenticate/": AT_THE_DOOR,
    "accounts/password/change/": AT_THE_DOOR,
    "accounts/password/set/": replace(AT_THE_DOOR, answer=302),
    # --- second factor
    "accounts/2fa/": AT_THE_DOOR,
    "accounts/2fa/authenticate/": replace(AT_THE_DOOR, answer=302),
    "accounts/2fa/reauthenticate/": replace(AT_THE_DOOR, answer=302),
    "accounts/2fa/totp/activate/": AT_THE_DOOR,
    "accounts/2fa/totp/deactivate/": replace(AT_THE_DOOR, answer=404),
    "accounts/2fa/recovery-codes/": replace(AT_THE_DOOR, answer=404),
    "accounts/2fa/recovery-codes/generate/": AT_THE_DOOR,
    "accounts/2fa/recovery-codes/download/": replace(AT_THE_DOOR, answer=404),
    "accounts/2fa/webauthn/": AT_THE_DOOR,
    "accounts/2fa/webauthn/add/": AT_THE_DOOR,
    "accounts/2fa/webauthn/reauthenticate/": replace(AT_THE_DOOR, answer=302, others={OWNER: 200}),
    "accounts/2fa/webauthn/keys/<int:pk>/remove/": owned(AT_THE_DOOR),
    "accounts/2fa/webauthn/keys/<int:pk>/edit/": owned(AT_THE_DOOR),
    "accounts/2fa/webauthn/login/": replace(ENTRANCE, others={**ENTRANCE.others, STRANGER: SIGN_IN}),
    # --- a person's own pages
    "me/": SIGNED_IN,
    "me/profile/": SIGNED_IN,
    "me/profile/<slug:name>/remove/": SIGNED_IN,
    "me/log/": SIGNED_IN,
    "me/log/proof/": SIGNED_IN,
    "me/download/": SIGNED_IN,
    "me/sessions/": SIGNED_IN,
    "me/sessions/<uuid:session_id>/end/": owned(by_post(SIGNED_IN), answer=302),
    "me/sessions/end-others/": by_post(SIGNED_IN),
    "me/delete/": SIGNED_IN,
    "me/delete/confirm/": PEOPLE,
    "me/consents/": USERS,
    "me/consents/policy/acknowledge/": by_post(USERS),
    "me/consents/<slug:slug>/": USERS,
    "me/consents/<uuid:entry_id>/receipt/": owned(USERS),
    "me/consents/<uuid:entry_id>/receipt.jsonld": owned(USERS),
    "me/consents/<slug:slug>/give/": by_post(USERS),
    "me/consents/<slug:slug>/send-again/": by_post(USERS),
    "me/consents/<slug:slug>/withdraw/": by_post(USERS),
    "c/<str:code>/": to_all(),
    "c/<str:code>/decline/": by_post(to_all(), answer=200),
    "me/requests/": PEOPLE,
    "me/requests/new/": PEOPLE,
    "me/requests/<uuid:request_id>/": owned(PEOPLE),
    "me/requests/<uuid:answered_id>/answer/": owned(PEOPLE),
    "me/requests/<uuid:answered_id>/answer/link/": by_post(owned(PEOPLE)),
    "me/requests/answer/<str:code>/": owned(PEOPLE),
    "me/requests/<uuid:request_id>/add/": owned(by_post(PEOPLE, answer=200)),  # a form without words
    "me/requests/<uuid:request_id>/take-back/": owned(by_post(PEOPLE), answer=302),
    "me/requests/<uuid:request_id>/files/<uuid:attachment_id>/": owned(PEOPLE),
    # --- a request without an account: whoever has opened it by the mail they got, and nobody by its number
    "privacy/requests/new/": to_all(),
    "privacy/requests/<request_number:number>/": to_all(),
    "privacy/requests/<request_number:number>/enter/": by_post(to_all(), answer=200),
    "privacy/requests/<request_number:number>/send/": by_post(to_all(), answer=200),
    "privacy/requests/<request_number:number>/open/<str:link>/": to_all(),
    "privacy/requests/<request_number:number>/write/": by_post(to_all(), answer=200),
    "privacy/requests/<request_number:number>/answer/": by_post(to_all(), answer=200),
    "privacy/requests/<request_number:number>/leave/": by_post(to_all()),
    "privacy/requests/<request_number:number>/files/<uuid:attachment_id>/": to_all(404),
    "me/subscription/": USERS,
    # --- what the operator publishes
    "privacy/": to_all(),
    "privacy/v/<int:number>/": to_all(),
    "privacy/v/<int:number>/policy.<published_language:language>.txt": to_all(),
    "privacy/h/<sha256:sha256>/": to_all(),
    "privacy/h/<sha256:sha256>.txt": to_all(),
    "privacy/history/": to_all(),
    "privacy/history/feed.atom": to_all(),
    "privacy/history/feed.<published_language:language>.atom": to_all(),
    "privacy/policy.json": to_all(),
    "privacy/cookies/": to_all(),
    "privacy/cookies/choose/": by_post(to_all(), answer=404),  # this operator leaves nothing to choose
    "privacy/cookies/choice.css": to_all(),
    "privacy/cookies/choice.js": to_all(),
    "privacy/cookies/registry.json": to_all(),
    "privacy/cookies/shown/<slug:sha256>.json": to_all(answer=404),
    "privacy/verify-receipt/": to_all(),
    "privacy/verify-receipt/verify_receipt.py": to_all(),
    "privacy/consents/<slug:slug>/": to_all(),
    "privacy/consents/<slug:slug>/history/": to_all(),
    "privacy/consents/<slug:slug>/v/<int:number>/": to_all(),
    "privacy/consents/<slug:slug>/v/<int:number>/consent.<published_language:language>.txt": to_all(),
    "privacy/consents/<slug:slug>/v/<int:number>/form/": to_all(),
    "privacy/data-map/": to_all(),
    "privacy/data-map.json": to_all(),
    "privacy/recipients/": to_all(),
    "privacy/protection/": to_all(),
    "receipts/<str:code>/": to_all(),
    "receipts/<str:code>/proof/": to_all(),
    # --- other systems, each with a key of its own: no session opens it
    "api/v1/may/": by_post(to_all(), answer=401),
    # --- people by their session, and other systems by their key
    "api/v1/requests/": BY_SESSION,
    "api/v1/requests/<uuid:request_id>/": of_its_owner(),
    "api/v1/requests/<uuid:request_id>/messages/": of_its_owner(405),
    "api/v1/requests/<uuid:request_id>/files/<uuid:attachment_id>/": of_its_owner(),
    "api/schema/": to_all(),
    "api/docs/": to_all(),
    # --- the way out of a mail
    "unsubscribe/<str:token>/": to_all(),
    "w/<str:token>/": to_all(),
    # --- the log, for whoever wants to watch it grow
    "log/checkpoint": to_all(),
    "log/keys": to_all(),
    "log/consistency/<int:old>/<int:new>": to_all(),
    "log/tile/<path:path>": to_all(),
    "log/tile/entries/<path:path>": AUDITORS,
    # --- the auditor's desk
    "audit/": AUDITORS,
    "audit/events/<int:number>/": AUDITORS,
    "audit/events/<int:number>/proof/": AUDITORS,
    "audit/checkpoints/": AUDITORS,
    "audit/overview/": AUDITORS,
    "audit/sample/": AUDITORS,
    "audit/sample/file/": AUDITORS,
    "audit/kept/": AUDITORS,
    "audit/requests/": AUDITORS,
    "audit/requests/<str:number>/": AUDITORS,
    "audit/exports/<uuid:export_id>/": AUDITORS,
    "audit/exports/<uuid:export_id>/cancel/": by_post(AUDITORS),
    "audit/exports/<uuid:export_id>/file/": replace(AUDITORS, answer=404),  # it is not made yet
    "audit/suppressions/": AUDITORS,
    "audit/export/": by_post(AUDITORS, answer=400),  # a file of which form is not said
    "audit/consents/": AUDITORS,
    "audit/consents/<uuid:consent_id>/": AUDITORS,
    "audit/consents/<uuid:consent_id>/receipt.jsonld": AUDITORS,
    # --- the operator's desk
    "admin/": DESK,
    "admin/login/": replace(DESK, answer=302),
    "admin/logout/": by_post(DESK, answer=200),
    "admin/password_change/": DESK,
    "admin/password_change/done/": DESK,
    "admin/autocomplete/": replace(DESK, answer=403),
    "admin/jsi18n/": DESK,
    "admin/r/<path:content_type_id>/<path:object_id>/": replace(DESK, answer=404),
    r"admin/^(?P<app_label>…)/$": DESK,
    "admin/(?P<url>.*)$": replace(DESK, answer=404),
    **request_pages(),
    "admin/subject_requests/request/<uuid:request_id>/file/<uuid:attachment_id>/": by_post(DESK),
    **desk_pages("subject_requests/incomingmail"),
    "admin/subject_requests/incomingmail/<uuid:mail_id>/original/": by_post(DESK),
    "admin/subject_requests/incomingmail/<uuid:mail_id>/make-request/": replace(ANSWERING, answer=302),
    "admin/subject_requests/request/<uuid:request_id>/make/": replace(ANSWERING, answer=302),
    "admin/subject_requests/request/made/<uuid:answer_id>/": DESK,
    **{
        f"admin/subject_requests/request/made/<uuid:answer_id>/{act}/": replace(ANSWERING, answer=302)
        for act in ("stop", "attach", "detach", "gaps")
    },
    "admin/subject_requests/request/made/<uuid:answer_id>/open/": ANSWERING,  # a form without a reason
    "admin/subject_requests/request/made/<uuid:answer_id>/letter/": ANSWERING,  # a form without an addressee
    **desk_pages("billing/subscription", add=replace(DESK, others={"admin": 403})),
    **desk_pages("consent/draft", add=WRITING),
    "admin/consent/draft/<uuid:draft_id>/save/": replace(WRITING, method="post"),  # a form without words
    "admin/consent/draft/<uuid:draft_id>/publish/": by_post(PUBLISHING),
    "admin/consent/draft/<uuid:draft_id>/return/": by_post(PUBLISHING),
    "admin/consent/draft/<uuid:draft_id>/drop/": by_post(WRITING),
    **desk_pages("accounts/user", find=DESK),
    "admin/accounts/user/<uuid:user_id>/reveal/": DESK,
    **keys_of_other_systems(),
    **desk_pages("consent/paperconsent"),
    "admin/consent/paperconsent/enter/<uuid:subject_id>/": ENTERING,
    "admin/consent/paperconsent/<uuid:paper_id>/open/": by_post(DESK, answer=200),
    "admin/consent/paperconsent/<uuid:paper_id>/scan/<slug:which>/": by_post(DESK, answer=200),
    "admin/consent/paperconsent/<uuid:paper_id>/confirm/": by_post(ENTERING),
    "admin/consent/paperconsent/<uuid:paper_id>/refuse/": by_post(ENTERING, answer=200),
    **desk_pages("consent/term"),
    "admin/consent/term/<int:term_id>/meet/": by_post(ENTERING),
    **desk_pages("notifications/outgoingmail"),
    **desk_pages("consent/suppression", add=replace(DESK, others={"admin": 403})),
    **desk_pages("retention/clock"),
    **desk_pages("retention/destruction"),
    **desk_pages("retention/run"),
    "admin/retention/run/<int:run_id>/act.<slug:form>": DESK,
    **desk_pages("retention/hold"),
    "admin/retention/hold/place/": DECIDING,
    "admin/retention/hold/<int:hold_id>/confirm/": by_post(DECIDING),
    "admin/retention/hold/<int:hold_id>/release/": by_post(DECIDING),
    **desk_pages("retention/massrun"),
    "admin/retention/massrun/<int:run_id>/agree/": by_post(DECIDING),
    **desk_pages("retention/partorder"),
    "admin/retention/partorder/person/<uuid:subject_id>/": DESK,
    "admin/retention/partorder/person/<uuid:subject_id>/order/": by_post(DECIDING, 200),
    "admin/retention/partorder/person/<uuid:subject_id>/end/": by_post(DECIDING, 200),
    "admin/retention/partorder/person/<uuid:subject_id>/take-back/": by_post(DECIDING),
    "admin/retention/partorder/<uuid:order_id>/agree/": by_post(DECIDING),
    "admin/retention/partorder/<uuid:order_id>/take-back/": by_post(DECIDING),
    **desk_pages("retention/ruleversion"),
    "admin/retention/ruleversion/preview/": DECIDING,
    "admin/retention/ruleversion/<int:number>/confirm/": by_post(DECIDING),
    **desk_pages("retention/anonymouscount"),
    "audit/acts/": AUDITORS,
    "audit/acts/<int:run_id>/act.<slug:form>": AUDITORS,
    **desk_pages("backups/backup"),
    **desk_pages("backups/drill"),
    **desk_pages("personal_data/keyepoch"),
    **desk_pages("processing_log/checkpoint"),
    **desk_pages("processing_log/mandate"),
    "admin/processing_log/mandate/invite/": DESK,
    "admin/processing_log/mandate/<uuid:mandate_id>/agree/": by_post(DECIDING),
    "admin/processing_log/mandate/<uuid:mandate_id>/end/": by_post(DECIDING),
    **desk_pages("cookies/cookiechoice"),
}

assert OTHER_USER in ROLES
