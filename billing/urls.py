"""Under /me/subscription/."""

from django.urls import path

from billing import views

app_name = "subscription"

urlpatterns = [path("", views.subscription, name="mine")]
