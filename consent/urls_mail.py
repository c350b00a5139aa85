"""Under /c/: where the link of a confirming mail leads."""

from django.urls import path

from consent.views import by_mail

app_name = "consent_by_mail"

urlpatterns = [
    path("<str:code>/", by_mail.answer, name="answer"),
    path("<str:code>/decline/", by_mail.decline, name="decline"),
]
