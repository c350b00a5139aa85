from django.urls import path

from subject_requests import views

app_name = "requests"

urlpatterns = [
    path("", views.list_requests, name="list"),
    path("new/", views.new, name="new"),
    path("<uuid:request_id>/", views.one, name="one"),
    path("<uuid:request_id>/add/", views.add, name="add"),
    path("<uuid:request_id>/take-back/", views.take_back, name="take_back"),
]
