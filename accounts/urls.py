"""Under /me/."""

from django.urls import path

from accounts import views

app_name = "me"

urlpatterns = [
    path("", views.home, name="home"),
    path("profile/", views.profile, name="profile"),
    path("profile/<slug:name>/remove/", views.remove, name="remove"),
    path("log/", views.log, name="log"),
    path("log/proof/", views.proof_of_log, name="proof_of_log"),
    path("download/", views.download, name="download"),
    path("sessions/", views.sessions, name="sessions"),
    path("sessions/<uuid:session_id>/end/", views.end_session, name="end_session"),
    path("sessions/end-others/", views.end_other_sessions, name="end_other_sessions"),
    path("delete/", views.delete, name="delete"),
    path("delete/confirm/", views.confirm_delete, name="confirm_delete"),
]
