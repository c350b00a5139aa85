from django.urls import path

from retention import views

app_name = "retention"
urlpatterns = [
    path("<str:code>/", views.receipt, name="receipt"),
    path("<str:code>/proof/", views.proof, name="proof"),
]
