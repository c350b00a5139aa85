"""Under /me/consents/."""

from django.urls import path

from consent.views import me

app_name = "consents"

urlpatterns = [
    path("", me.consents, name="list"),
    path("policy/acknowledge/", me.acknowledge, name="acknowledge"),
    path("<slug:slug>/", me.consent, name="consent"),
    path("<slug:slug>/give/", me.give, name="give"),
    path("<slug:slug>/send-again/", me.send_again, name="send_again"),
    path("<slug:slug>/withdraw/", me.withdraw, name="withdraw"),
]
