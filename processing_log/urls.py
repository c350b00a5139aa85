from django.urls import path

from processing_log import views

app_name = "audit"

urlpatterns = [
    path("", views.events, name="events"),
    path("events/<int:number>/", views.event, name="event"),
    path("export/", views.download, name="export"),
]
