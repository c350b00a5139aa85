from django.urls import path, register_converter

from subject_requests.intake import views


class NumberConverter:
    regex = r"\d{4}-\d{6,12}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(NumberConverter, "request_number")
app_name = "guest"

urlpatterns = [
    path("new/", views.new, name="new"),
    path("<request_number:number>/", views.one, name="one"),
    path("<request_number:number>/enter/", views.enter, name="enter"),
    path("<request_number:number>/send/", views.send, name="send"),
    path("<request_number:number>/open/<str:link>/", views.open_link, name="open"),
    path("<request_number:number>/write/", views.write, name="write"),
    path("<request_number:number>/answer/", views.answer, name="answer"),
    path("<request_number:number>/leave/", views.leave, name="leave"),
    path("<request_number:number>/files/<uuid:attachment_id>/", views.file, name="file"),
]
