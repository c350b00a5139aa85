"""Invented content for the style guide (/demo/components/): every component once, in each of its states."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator

from looks.charts import Bar
from looks.icons import ICONS

NOON = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class SampleForm(forms.Form):
    email = forms.EmailField(label="E-mail", help_text="The address for signing in.")
    last_name = forms.CharField(label="Last name", required=False)
    kind = forms.ChoiceField(label="Kind of request", choices=[("access", "Access"), ("destruction", "Destruction")])
    text = forms.CharField(label="Text", widget=forms.Textarea(attrs={"rows": 4}), required=False)
    answer = forms.ChoiceField(
        label="Where to answer", choices=[("page", "On my page"), ("mail", "By mail")], widget=forms.RadioSelect
    )
    agree = forms.BooleanField(label="I have read the policy", help_text="This is not a consent.")


def samples() -> dict[str, Any]:
    return {
        "icons": sorted(ICONS),
        "form": SampleForm(),
        "wrong_form": SampleForm({"email": "nobody", "kind": "access"}),
        "pairs": [("Reference", "5f3c…"), ("Basis", "152-FZ, article 6, part 1, item 5"), ("Until", "2026-04-01")],
        "head": ["Category", "Purpose", "Until"],
        "rows": [["E-mail", "Account", "30 days after deletion"], ["Name", "Account", "30 days after deletion"]],
        "crumbs": [("My data", "/me/"), ("Requests", "/me/requests/"), ("No. 17", "")],
        "page": Paginator(list(range(50)), 10).page(2),
        "events": [
            {"at": NOON, "title": "Request received", "text": "By the portal"},
            {"at": NOON + timedelta(days=3), "title": "Taken by staff", "tone": ""},
            {"at": NOON + timedelta(days=9), "title": "Due soon", "tone": "warn"},
            {"at": NOON + timedelta(days=14), "title": "Answer is due", "tone": "ahead"},
        ],
        "bars": [
            Bar(label="Access", value=12),
            Bar(label="Destruction", value=7, tone="warn"),
            Bar(label="Overdue", value=1, tone="bad"),
        ],
    }
