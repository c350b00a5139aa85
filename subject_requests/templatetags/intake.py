"""What came with a request, on its page at the desk."""

from typing import Any

from django import template

from subject_requests.forms import RevealForm
from subject_requests.intake.models import Attachment, Correspondent, ForCustomer, IncomingMail, Representation
from subject_requests.models import Request

register = template.Library()


@register.inclusion_tag("admin/subject_requests/request/intake.html", takes_context=True)
def what_came_with(context: dict[str, Any], filed: Request, *, is_opened: bool) -> dict[str, Any]:
    """Names are sealed: they are there only where the page is opened for a reason."""
    return {
        "filed": filed,
        "is_opened": is_opened,
        "files": list(Attachment.objects.filter(request=filed)),
        "mails": list(IncomingMail.objects.filter(request=filed).select_related("seen", "mentions")),
        "writer": Correspondent.objects.filter(subject_id=filed.subject_id).first(),
        "representation": Representation.objects.filter(request=filed).first(),
        "for_customer": ForCustomer.objects.filter(request=filed).first(),
        "reveal_form": RevealForm(),
        "csrf_token": context.get("csrf_token"),
    }
