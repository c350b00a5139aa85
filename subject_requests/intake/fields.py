"""Form fields of what comes in."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import border
from subject_requests.intake import attaching, limits
from subject_requests.intake.attaching import Offered, Refused, Taken, WhyNot

#: A courtesy of the browser; what a file is, is looked at here.
ACCEPT: Final = ".pdf,.jpg,.jpeg,.png,.webp,.txt,.docx,.odt"


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    needs_multipart_form = True


class FilesField(forms.FileField):
    """Any number of files, cleaned into what may be attached. `unopened` files are taken too, as nobody opens them."""

    widget = FilesInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Files"))
        kwargs.setdefault("required", False)
        kwargs.setdefault("help_text", _help_text())
        super().__init__(widget=FilesInput(attrs={"accept": ACCEPT}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Sequence[Taken]:
        given = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if not given:
            super().clean(None, initial)
            return ()
        checked = attaching.check([_offered(one) for one in given], can_be_asked=True)
        if checked.refused:
            raise ValidationError([_said(one) for one in checked.refused])
        return checked.taken


def _what_may_come() -> str:
    allowed = limits.of_attachments()
    return _(
        "PDF, JPEG, PNG, WebP, TXT, DOCX or ODT; up to %(count)s files of %(each)s MB each, %(together)s MB together. "
        "From pictures we remove where and with what they were taken."
    ) % {"count": allowed.count, "each": allowed.each_megabytes, "together": allowed.together_megabytes}


_help_text = lazy(_what_may_come, str)


def offered_in(files: Sequence[UploadedFile[Any]]) -> list[Offered]:
    return [_offered(one) for one in files]


def _offered(file: UploadedFile[Any]) -> Offered:
    return Offered(name=file.name or "file", content=file.read(), size=file.size or 0)


def _said(refused: Refused) -> str:
    allowed = limits.of_attachments()
    numbers: dict[WhyNot, str] = {
        WhyNot.TOO_LARGE: _("at most %(limit)s MB") % {"limit": allowed.each_megabytes},
        WhyNot.TOGETHER: _("at most %(limit)s MB") % {"limit": allowed.together_megabytes},
        WhyNot.TOO_MANY: ngettext("at most %(limit)s file", "at most %(limit)s files", allowed.count)
        % {"limit": allowed.count},
    }
    words = f"{refused.why.label}: {numbers[refused.why]}" if refused.why in numbers else str(refused.why.label)
    return _("“%(name)s” was not taken: %(why)s.") % {"name": refused.name, "why": words}


class AddressField(forms.EmailField):
    """An address that mail can be sent to; those inside of the portal are none."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 254)
        kwargs.setdefault("widget", forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        address = str(super().clean(value))
        if address and border.is_token(address):
            raise ValidationError(_("This address cannot receive mail."))
        return address
