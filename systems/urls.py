from django.urls import path

from access.rules import by_key
from systems.api import May

app_name = "systems"
urlpatterns = [path("may/", by_key(May.as_view()), name="may")]
