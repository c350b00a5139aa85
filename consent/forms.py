from django import forms


class ShownForm(forms.Form):
    """The button under a text. Carries the hash of that very text back."""

    shown = forms.CharField(max_length=64, min_length=64, widget=forms.HiddenInput)
