"""A file on its way out: to be saved, never to be shown or run by the browser."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from subject_requests.intake.models import Attachment, IncomingMail


def download(attachment: Attachment) -> HttpResponse:
    """To be called inside of processing(), which decides whether it opens, and logs it."""
    file = attachment.file
    return as_file(file.read(), str(file.name))


def download_original(mail: IncomingMail) -> HttpResponse:
    """Likewise."""
    return as_file(mail.original.read(), f"letter-{mail.received_at:%Y-%m-%d}.eml")


def as_file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    # Should a browser show it all the same: without scripts, forms and other origins, and as nobody's page.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "no-store"
    return response
