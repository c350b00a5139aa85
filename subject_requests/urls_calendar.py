from django.urls import path

from subject_requests.desk.calendar import calendar

urlpatterns = [path("<str:code>.ics", calendar, name="desk_calendar")]
