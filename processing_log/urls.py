from django.urls import path

from processing_log.views import desk

app_name = "audit"

urlpatterns = [
    path("", desk.events, name="events"),
    path("events/<int:number>/", desk.event, name="event"),
    path("export/", desk.download, name="export"),
]
