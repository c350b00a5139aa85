"""Addresses that exist only in the embedded demo."""

from django.urls import path

from operator_portal.demo import views

app_name = "demo"

urlpatterns = [
    path("", views.home, name="home"),
    path("clock/", views.move_clock, name="clock"),
    path("news/", views.send_news, name="news"),
    path("mail/", views.mail, name="mail"),
    path("mail/<slug:name>/", views.mail_message, name="mail_message"),
    path("mail/<slug:name>/html/", views.mail_html, name="mail_html"),
    path("components/", views.components, name="components"),
]
