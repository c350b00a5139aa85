from django.urls import path

from processing_log.views import public

app_name = "log"

urlpatterns = [
    path("checkpoint", public.checkpoint, name="checkpoint"),
    path("keys", public.keys, name="keys"),
    path("consistency/<int:old>/<int:new>", public.consistency, name="consistency"),
    path("tile/entries/<path:path>", public.entries, name="entries"),
    path("tile/<path:path>", public.tile, name="tile"),
]
