"""Published texts on a page."""

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

BOLD = re.compile(r"\*\*(.+?)\*\*")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


@register.filter
def marked_up(text: str) -> SafeString:
    """The words of a published text, its **terms** in bold, its addresses as links."""
    html = BOLD.sub(r"<strong>\1</strong>", escape(text))
    return mark_safe(EMAIL.sub(r'<a href="mailto:\g<0>">\g<0></a>', html))  # noqa: S308 (escaped above)
