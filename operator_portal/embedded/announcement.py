"""What the terminal shows when the portal is up: where to look, and one sign-in for each role of the demo."""

import json
from typing import Final

from operator_portal.demo.people import ACCOUNTS
from operator_portal.embedded.home import Home
from operator_portal.embedded.wishes import Wishes

PLACES: Final = {
    "/": "the portal",
    "/me/": "a person's own pages",
    "/admin/": "the operator's desk",
    "/audit/": "the auditor's desk",
    "/privacy/": "policy, consents, recipients",
}
DEMO_PLACES: Final = {"/demo/": "the demo: mails sent, sign-ins, the clock"}


def announcement(home: Home, wishes: Wishes) -> str:
    places = {**PLACES, **(DEMO_PLACES if wishes.demo else {})}
    lines = [
        "",
        f"Operator Portal is up, profile {wishes.profile}.",
        "",
        *(f"  {wishes.base_url + path:40} {title}" for path, title in places.items()),
        *(_sign_ins(home) if wishes.demo else ()),
        "",
        f"Data, mail and logs: {home.path}. Ctrl-C stops everything; the data stays.",
    ]
    return "\n".join(lines)


def _sign_ins(home: Home) -> list[str]:
    """The demo's invented people; their password is in the file that the demo command left."""
    try:
        password = json.loads(home.sign_ins.read_text())["password"]
    except (OSError, ValueError, KeyError):
        return []
    rows = [f"  {account.role.value:10} {account.email}" for account in ACCOUNTS]
    return ["", f"Sign in, password {password} (second factor: manage.py demo_code EMAIL):", *rows]
