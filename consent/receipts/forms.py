"""What comes back from the verifier's page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consent.receipts.verify_receipt import LARGEST


class VerifyForm(forms.Form):
    """A file, or what was copied out of it; the file counts when there are both."""

    file = forms.FileField(label=_("File of the receipt"), required=False, allow_empty_file=True)
    pasted = forms.CharField(
        label=_("Or its contents"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off", "class": "mono"}),
        help_text=_("Everything in the file, from the first brace to the last."),
    )

    def clean(self) -> dict[str, Any]:
        file, pasted = self.cleaned_data.get("file"), self.cleaned_data.get("pasted", "")
        if file is None and not pasted.strip():
            raise forms.ValidationError(_("Choose the file of a receipt, or paste its contents."))
        data = file.read(LARGEST + 1) if file is not None else pasted.encode(errors="surrogatepass")
        if len(data) > LARGEST:
            raise forms.ValidationError(_("That is larger than 64 KB; no receipt is. Is it the right file?"))
        self.cleaned_data["receipt"] = data
        return self.cleaned_data
