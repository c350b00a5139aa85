"""Under /audit/acts/."""

from django.urls import path

from retention import views

app_name = "acts"

urlpatterns = [
    path("", views.acts, name="list"),
    path("<int:run_id>/act.<slug:form>", views.act, name="one"),
]
