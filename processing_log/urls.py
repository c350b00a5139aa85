from django.urls import path

from processing_log.views import checkpoints, desk, exports, kept, overview, sample

app_name = "audit"

urlpatterns = [
    path("", desk.events, name="events"),
    path("events/<int:number>/", desk.event, name="event"),
    path("overview/", overview.overview, name="overview"),
    path("sample/", sample.sample, name="sample"),
    path("sample/file/", sample.take, name="sample_file"),
    path("kept/", kept.kept, name="kept"),
    path("export/", desk.download, name="export"),
    path("exports/<uuid:export_id>/", exports.order, name="order"),
    path("exports/<uuid:export_id>/cancel/", exports.cancel, name="cancel"),
    path("exports/<uuid:export_id>/file/", exports.file, name="file"),
    path("checkpoints/", checkpoints.checkpoints, name="checkpoints"),
    path("events/<int:number>/proof/", checkpoints.proof, name="proof"),
]
