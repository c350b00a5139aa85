"""Under /audit/consents/."""

from django.urls import path

from consent.views import audit

app_name = "consent_audit"

urlpatterns = [
    path("", audit.consents, name="list"),
    path("<uuid:consent_id>/", audit.consent, name="one"),
    path("<uuid:consent_id>/receipt.jsonld", audit.receipt_file, name="receipt_file"),
]
