from django.urls import path

from looks import views

app_name = "looks"

urlpatterns = [
    path("theme/", views.choose_theme, name="theme"),
]
