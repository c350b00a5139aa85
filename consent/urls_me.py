"""Under /me/consents/."""

from django.urls import path

from consent.views import me, receipts

app_name = "consents"

urlpatterns = [
    path("", me.consents, name="list"),
    path("policy/acknowledge/", me.acknowledge, name="acknowledge"),
    path("<uuid:entry_id>/receipt/", receipts.receipt, name="receipt"),
    path("<uuid:entry_id>/receipt.jsonld", receipts.receipt_file, name="receipt_file"),
    path("<slug:slug>/", me.consent, name="consent"),
    path("<slug:slug>/give/", me.give, name="give"),
    path("<slug:slug>/send-again/", me.send_again, name="send_again"),
    path("<slug:slug>/withdraw/", me.withdraw, name="withdraw"),
]
