"""Under /privacy/."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from consent.views import form_to_print, public, receipts


class LanguageConverter(StringConverter):
    regex = "ru|en"


register_converter(LanguageConverter, "published_language")

app_name = "privacy"

urlpatterns = [
    path("", public.policy, name="policy"),
    path("v/<int:number>/", public.version, name="version"),
    path("v/<int:number>/policy.<published_language:language>.txt", public.policy_text, name="policy_text"),
    path("history/", public.history, name="history"),
    path("policy.json", public.policy_json, name="policy_json"),
    path("cookies/", public.cookies, name="cookies"),
    path("verify-receipt/", receipts.verify, name="verify_receipt"),
    path("verify-receipt/verify_receipt.py", receipts.verifier, name="receipt_verifier"),
    path("consents/<slug:slug>/", public.consent_text, name="consent_text"),
    path("consents/<slug:slug>/v/<int:number>/", public.consent_text, name="consent_text_version"),
    path("consents/<slug:slug>/v/<int:number>/form/", form_to_print.form_to_print, name="consent_form"),
    path(
        "consents/<slug:slug>/v/<int:number>/consent.<published_language:language>.txt",
        public.consent_plain_text,
        name="consent_plain_text",
    ),
]
