"""The other system of the demo, and the question that it asks the portal."""

import json

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language

import profiles
from accounts import border
from accounts.models import User
from operator_portal.demo import people


def question() -> str:
    """A line for a terminal: the other system of the demo asks about the first person who signs in above."""
    anna = User.objects.filter(email=border.token(people.ACCOUNTS[0].email)).first()
    purpose = next((purpose.code for purpose in profiles.current().purposes.values() if purpose.needs_consent), "")
    if not (anna and purpose and people.key()):
        return ""
    body = json.dumps({"purpose": purpose, "subject": str(anna.subject_id)})
    return (
        f"curl {settings.BASE_URL}{reverse('systems:may')} -H 'Authorization: Bearer {people.key()}' "
        f"-H 'Content-Type: application/json' -H 'Accept-Language: {get_language()}' -d '{body}'"
    )
