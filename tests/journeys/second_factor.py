"""An authenticator app, and a passkey in a browser that has no finger to ask for."""

import time
from dataclasses import dataclass, field

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page

STEP = 30


@dataclass(kw_only=True)
class App:
    """Shows each code once, as allauth takes it once."""

    secret: str
    _shown: set[int] = field(default_factory=set)

    def code(self) -> str:
        """Of this half minute; of the next one, which the portal takes too, where this one's was shown already."""
        now = int(time.time()) // STEP
        counter = next(each for each in (now, now + 1, now - 1) if each not in self._shown)
        self._shown.add(counter)
        return str(format_hotp_value(hotp_value(self.secret, counter)))


def plug_in_key(page: Page) -> str:
    """A security key that says yes to everything, through Chromium's own WebAuthn test interface."""
    chromium = page.context.new_cdp_session(page)
    chromium.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return str(chromium.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"])
