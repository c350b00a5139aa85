"""Under /audit/requests/."""

from django.urls import path

from subject_requests import audit_views

app_name = "audit_requests"

urlpatterns = [
    path("", audit_views.requests, name="list"),
    path("<str:number>/", audit_views.one, name="one"),
]
