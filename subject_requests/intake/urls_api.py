from django.urls import path

from access.rules import by_key
from subject_requests.intake import api

app_name = "requests_api"

#: Asks for a session or a key itself.
urlpatterns = [
    path("", by_key(api.Requests.as_view()), name="list"),
    path("<uuid:request_id>/", by_key(api.OneRequest.as_view()), name="one"),
    path("<uuid:request_id>/messages/", by_key(api.Words.as_view()), name="messages"),
    path("<uuid:request_id>/files/<uuid:attachment_id>/", by_key(api.OneFile.as_view()), name="file"),
]
