"""Under /privacy/."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from consent.views import form_to_print, history, public, receipts


class LanguageConverter(StringConverter):
    regex = "ru|en"


class HashConverter(StringConverter):
    regex = "[0-9a-f]{64}"


register_converter(LanguageConverter, "published_language")
register_converter(HashConverter, "sha256")

app_name = "privacy"

urlpatterns = [
    path("", public.policy, name="policy"),
    path("v/<int:number>/", public.version, name="version"),
    path("v/<int:number>/policy.<published_language:language>.txt", public.policy_text, name="policy_text"),
    path("h/<sha256:sha256>/", public.by_hash, name="by_hash"),
    path("h/<sha256:sha256>.txt", public.text_by_hash, name="text_by_hash"),
    path("history/", history.policy, name="history"),
    path("history/feed.atom", history.feed, name="feed"),
    path("history/feed.<published_language:language>.atom", history.feed, name="feed_in"),
    path("policy.json", public.policy_json, name="policy_json"),
    path("verify-receipt/", receipts.verify, name="verify_receipt"),
    path("verify-receipt/verify_receipt.py", receipts.verifier, name="receipt_verifier"),
    path("consents/<slug:slug>/", public.consent_text, name="consent_text"),
    path("consents/<slug:slug>/history/", history.consent, name="consent_history"),
    path("consents/<slug:slug>/v/<int:number>/", public.consent_text, name="consent_text_version"),
    path("consents/<slug:slug>/v/<int:number>/form/", form_to_print.form_to_print, name="consent_form"),
    path(
        "consents/<slug:slug>/v/<int:number>/consent.<published_language:language>.txt",
        public.consent_plain_text,
        name="consent_plain_text",
    ),
]
