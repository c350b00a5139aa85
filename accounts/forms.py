"""Forms: allauth's, standing on the addresses' side of the border, and the person's own. Built from the profile."""

from typing import Any, cast

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.utils import has_verified_email, setup_user_email
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

import profiles
from accounts import border, services
from accounts.models import NAMES, User
from accounts.reasons import RevealReason
from accounts.wording import reader_language
from consent.selectors import newest_policy, show_policy
from law import clock
from profiles.schema import ProfileField

#: What a browser sends along beside the fields of a form.
COMPANIONS = frozenset({"csrfmiddlewaretoken", "next"})


class NothingElse(forms.Form):
    """Takes what it asked for. Any other key is an attempt to hand over, or to set, something else: 400."""

    companions = COMPANIONS

    def full_clean(self) -> None:
        if self.is_bound and set(self.data) - set(self.fields) - self.companions:
            raise BadRequest("the form was sent with keys that it does not have")
        super().full_clean()


def token_of_input(address: str) -> str:
    """The border: from here on there is a token. Whoever enters one instead of an address is refused."""
    if border.is_token(address):
        raise ValidationError(_("This address cannot receive mail."))
    return border.token(address)


def name_fields() -> dict[str, forms.CharField]:
    """The optional values that the profile lists, in its order."""
    return {field.code: _name_field(field) for field in profiles.current().fields if field.code in NAMES}


def _name_field(field: ProfileField) -> forms.CharField:
    return forms.CharField(
        label=field.label.in_language(reader_language()),
        help_text=field.help.in_language(reader_language()) if field.required else "",
        required=field.required,
        max_length=field.max_length,
        widget=forms.TextInput(attrs={"autocomplete": AUTOCOMPLETE[field.code]}),
    )


AUTOCOMPLETE = {"last_name": "family-name", "first_name": "given-name", "patronymic": "additional-name"}


# --- signing up and in --------------------------------------------------------------------------------------------


class SignupForm(NothingElse, allauth_forms.SignupForm):  # type: ignore[misc]
    """E-mail and password; names for those who like to be called by theirs. To have read the policy is said by a tick
    of its own, which agrees to nothing; consents are never asked for here."""

    address: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        email = next(field for field in profiles.current().fields if field.code == "email")
        self.fields["email"].label = email.label.in_language(reader_language())
        self.fields["email"].help_text = email.help.in_language(reader_language())
        self.fields.update(name_fields())
        policy = newest_policy()
        self.policy = show_policy(policy, reader_language(), is_newest=True) if policy else None
        self.fields["policy_read"] = forms.BooleanField(
            label=_("I have read the personal data policy"),
            help_text=format_html(
                '{} <a href="{}" target="_blank">{}</a>',
                _("This is not a consent."),
                reverse("privacy:policy"),
                _("Read the policy"),
            ),
        )
        self.fields["policy_shown"] = forms.CharField(
            widget=forms.HiddenInput, initial=self.policy.sha256 if self.policy else "", required=False
        )
        self.order_fields(["email", "password1", *NAMES, "policy_read", "policy_shown"])

    def clean_email(self) -> str:
        self.address = self.cleaned_data["email"]
        self.token = token_of_input(self.address)
        self.account_already_exists = User.objects.filter(email=self.token).exists()
        return self.token

    def clean_policy_shown(self) -> str:
        if self.policy is None:
            raise ValidationError(_("There is no published policy yet, so nobody can sign up."))
        shown = str(self.cleaned_data["policy_shown"])
        if shown not in (self.policy.row.sha256, self.policy.row.sha256_en):
            self.data = {**{key: self.data.get(key) for key in self.data}, "policy_shown": self.policy.sha256}
            self.add_error("policy_read", _("The policy has changed meanwhile. Please read the new version."))
        return shown

    def names(self) -> dict[str, str]:
        return {name: self.cleaned_data.get(name) or "" for name in NAMES}

    def try_save(self, request: HttpRequest) -> Any:
        if not self.account_already_exists:
            try:
                return super().try_save(request)
            except services.AddressTaken:
                self.account_already_exists = True
        user = get_adapter().new_user(request)
        user.set_password(self.cleaned_data["password1"])
        services.rehearse_opening(
            user=user,
            names=self.names(),
            at=clock.now(),
            policy_shown=self.cleaned_data["policy_shown"],
            then=lambda opened: _look_up_like_allauth(request, opened),
        )
        return super().try_save(request)


def _look_up_like_allauth(request: HttpRequest, user: User) -> None:
    """What allauth does with a new account before it writes to its owner."""
    setup_user_email(request, user, [EmailAddress(email=user.email)])
    has_verified_email(user)
    EmailAddress.objects.filter(user=user).order_by("-primary", "-verified").first()


class LoginForm(NothingElse, allauth_forms.LoginForm):  # type: ignore[misc]
    def clean_login(self) -> str:
        return border.token(super().clean_login())


class ResetPasswordForm(NothingElse, allauth_forms.ResetPasswordForm):  # type: ignore[misc]
    """Writes down that somebody asks, and looks nothing up: see services.ask_for_reset."""

    def clean_email(self) -> str:
        return token_of_input(self.cleaned_data["email"])

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        token: str = self.cleaned_data["email"]
        services.ask_for_reset(token=token, language=reader_language(), at=clock.now())
        return token


class ChangeAddressForm(NothingElse, allauth_forms.AddEmailForm):  # type: ignore[misc]
    """The present address stays in force until the new one is confirmed. Whose else's it may be is not said."""

    companions = COMPANIONS | {"action_add"}
    address: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New address")

    def clean_email(self) -> str:
        self.address = self.cleaned_data["email"]
        token = token_of_input(self.address)
        if token == cast(User, self.user).email:
            raise ValidationError(_("This is your address already."))
        return token

    def save(self, request: HttpRequest) -> EmailAddress:
        user = cast(User, self.user)
        services.begin_address_change(user=user, address=self.address)
        return EmailAddress.objects.add_new_email(request, user, self.cleaned_data["email"])


# --- passkeys -----------------------------------------------------------------------------------------------------


class _NamedFromList:
    """allauth keeps a passkey's name in the clear, so it is chosen and not written."""

    NAMES = (_("Phone"), _("Computer"), _("Tablet"), _("Security key"), _("Another device"))

    def choose_name(self, fields: dict[str, forms.Field]) -> None:
        choices = [(str(name), name) for name in self.NAMES]
        fields["name"] = forms.ChoiceField(label=_("Device"), choices=choices, required=False)


class AddPasskeyForm(_NamedFromList, webauthn_forms.AddWebAuthnForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["name"] = str(self.NAMES[0])
        self.choose_name(self.fields)
        self.order_fields(["name", "passwordless", "credential"])


class EditPasskeyForm(_NamedFromList, webauthn_forms.EditWebAuthnForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose_name(self.fields)


# --- the person's own pages ---------------------------------------------------------------------------------------


class ProfileForm(NothingElse):
    """The optional values. A value that is emptied here is removed only after its consequence was shown."""

    def __init__(self, data: Any = None, *, held: dict[str, str]) -> None:
        super().__init__(data, initial=held)
        self.held = held
        self.fields.update(name_fields())

    def given(self) -> dict[str, str]:
        return {name: value for name, value in self.cleaned_data.items() if value}

    def emptied(self) -> list[str]:
        return [name for name, value in self.cleaned_data.items() if not value and self.held.get(name)]


class EmptyForm(NothingElse):
    """A button."""


# --- the desk -----------------------------------------------------------------------------------------------------


class FindForm(NothingElse):
    address = forms.EmailField(
        label=_("Exact e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off", "size": 40})
    )


class RevealForm(NothingElse):
    """A reason from a list: what staff would write themselves could say something about the person, and reasons are
    kept in the log."""

    reason = forms.ChoiceField(label=_("Reason"), choices=RevealReason.choices)
    request_number = forms.RegexField(
        label=_("Number of the request"), regex=r"\A\d{4}-\d{6,12}\Z", required=False, max_length=17
    )

    def for_log(self) -> str:
        return RevealReason(self.cleaned_data["reason"]).for_log(self.cleaned_data["request_number"])
