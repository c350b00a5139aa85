"""Under /privacy/."""

from django.urls import path

from governance import views

app_name = "governance"

urlpatterns = [
    path("data-map/", views.data_map, name="data_map"),
    path("data-map.json", views.data_map_json, name="data_map_json"),
    path("recipients/", views.recipients, name="recipients"),
    path("protection/", views.protection, name="protection"),
]
