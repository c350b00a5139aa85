"""Addresses that mails name. They are promises to the outside: a mail of today may be opened in ten years."""

from django.urls import path

from consent.views import unsubscribe

app_name = "way_out"

urlpatterns = [
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("w/<str:token>/", unsubscribe.withdraw, name="withdraw"),
]
