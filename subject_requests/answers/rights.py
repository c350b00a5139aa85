"""Item 7 of article 14, part 7: the rights of a person, and by which ways they are used."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.wording import reader_language
from profiles.schema import Profile


def told(profile: Profile) -> dict[str, Any]:
    return {"rights": [{"right": right, "norm": norm} for right, norm in _rights()], "ways": _ways(profile)}


def _rights() -> list[tuple[str, str]]:
    return [
        (_("to learn what is processed about you, and to have it in an accessible form"), _("article 14")),
        (
            _(
                "to have data clarified, blocked or destroyed that is incomplete, outdated, inaccurate, unlawfully "
                "obtained or not needed for its purpose"
            ),
            _("article 14, part 1; articles 20 and 21"),
        ),
        (_("to withdraw a consent at any time, as easily as it was given"), _("article 9, part 2")),
        (_("to demand that processing stops"), _("article 21, part 5.1")),
        (_("to end advertising at once, without giving reasons"), _("article 15, part 2")),
        (
            _("to object to a decision that was made by a machine alone, and to have it explained"),
            _("article 16, parts 3 and 4"),
        ),
        (
            _("to complain to Roskomnadzor or to a court, and to claim damages and compensation for moral harm"),
            _("article 17"),
        ),
        (_("to use these rights by a representative with a document of authority"), _("article 14, part 3")),
    ]


def _ways(profile: Profile) -> list[str]:
    operator, words = profile.operator, reader_language()
    return [
        _("on the portal, signed in: %(url)s") % {"url": f"{settings.BASE_URL}/me/requests/"},
        _("on the portal, without an account: %(url)s") % {"url": f"{settings.BASE_URL}/privacy/requests/new/"},
        _("by e-mail: %(address)s") % {"address": operator.email},
        _("by post: %(address)s") % {"address": operator.address.in_language(words)},
        _("complaints: Roskomnadzor, %(url)s") % {"url": "https://rkn.gov.ru/"},
    ]
