from django.urls import path

from subject_requests import views
from subject_requests.answers import views as answers

app_name = "requests"

urlpatterns = [
    path("", views.list_requests, name="list"),
    path("new/", views.new, name="new"),
    path("<uuid:request_id>/", views.one, name="one"),
    path("<uuid:answered_id>/answer/", answers.show, name="answer"),
    path("<uuid:answered_id>/answer/link/", answers.new_link, name="answer_link"),
    path("answer/<str:code>/", answers.taking, name="answer_taking"),
    path("<uuid:request_id>/add/", views.add, name="add"),
    path("<uuid:request_id>/take-back/", views.take_back, name="take_back"),
]
