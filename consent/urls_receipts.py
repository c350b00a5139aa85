"""At the root: the addresses that receipts bear, and what everybody needs to read and verify them."""

from django.urls import path

from consent.views import receipts

app_name = "receipts"

urlpatterns = [
    path("receipts/rcp_<uuid:entry_id>", receipts.by_number, name="by_number"),
    path("consents/cns_<uuid:entry_id>", receipts.by_number, name="by_consent"),
    path("ns/152fz", receipts.vocabulary, name="vocabulary"),
    path("ns/152fz.jsonld", receipts.vocabulary_for_programs, name="vocabulary_for_programs"),
    path("ns/receipt/1", receipts.profile, name="profile"),
    path(".well-known/receipt-keys.json", receipts.keys, name="keys"),
]
