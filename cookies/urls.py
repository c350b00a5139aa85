"""Under /privacy/, in the namespace of the policy: operator_portal.urls puts them together."""

from django.urls import path

from cookies import views

urlpatterns = [
    path("cookies/", views.page, name="cookies"),
    path("cookies/choose/", views.choose, name="choose_cookies"),
    path("cookies/choice.css", views.choice_css, name="cookies_css"),
    path("cookies/choice.js", views.choice_js, name="cookies_js"),
    path("cookies/registry.json", views.registry_json, name="cookies_json"),
    path("cookies/shown/<slug:sha256>.json", views.shown, name="cookies_shown"),
]
