"""Every address of the portal. Rooms bring their own; what exists only in the demo is added only there."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import TemplateView
from django.views.i18n import set_language

from access.origin import without_token
from access.rules import open_to_all
from accounts import views as account_views
from consent import urls as policy_urls
from consent.views import suppressions
from cookies import urls as cookie_urls
from cookies.views import gpc_json
from operator_portal import api_description, health, metrics

handler400 = "looks.errors.bad_request"
handler403 = "looks.errors.permission_denied"
handler404 = "looks.errors.page_not_found"
handler429 = "looks.errors.too_many_requests"
handler500 = "looks.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", open_to_all(TemplateView.as_view(template_name="home.html")), name="home"),
    path("language/", without_token(set_language), name="set_language"),
    path("looks/", include("looks.urls")),
    path("accounts/email/", account_views.address, name="account_email"),
    path("accounts/", include("allauth.urls")),
    path("me/", include("accounts.urls")),
    path("me/consents/", include("consent.urls_me")),
    path("c/", include("consent.urls_mail")),
    path("me/requests/", include("subject_requests.urls")),
    path("privacy/requests/", include("subject_requests.intake.urls_guest")),
    path("me/subscription/", include("billing.urls")),
    path("privacy/", include(([*cookie_urls.urlpatterns, *policy_urls.urlpatterns], "privacy"))),
    path("privacy/", include("governance.urls")),
    path("", include("consent.urls_way_out")),
    path("", include("consent.urls_receipts")),
    path("receipts/", include("retention.urls")),
    path("api/v1/", include("systems.urls")),
    path("api/v1/requests/", include("subject_requests.intake.urls_api")),
    path("api/schema/", api_description.schema, name="api_schema"),
    path("api/docs/", api_description.docs, name="api_docs"),
    path("audit/suppressions/", suppressions.suppressions, name="suppressions"),
    path("audit/consents/", include("consent.urls_audit")),
    path("audit/requests/", include("subject_requests.urls_audit")),
    path("audit/acts/", include("retention.urls_audit")),
    path("audit/", include("processing_log.urls")),
    path("log/", include("processing_log.urls_log")),
    path("desk/calendar/", include("subject_requests.urls_calendar")),
    path("admin/", admin.site.urls),
    path("healthz", health.alive, name="healthz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("readyz", health.ready, name="readyz"),
    path(".well-known/security.txt", health.security_txt, name="security_txt"),
    path(".well-known/gpc.json", gpc_json, name="gpc_json"),
]

if settings.DEMO:
    urlpatterns.append(path("demo/", include("operator_portal.demo.urls")))
