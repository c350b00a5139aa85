from django.urls import path

from access.rules import by_key
from benchmarks.question.constant import ConstantView
from operator_portal.urls import urlpatterns as portal

urlpatterns = [*portal, path("api/v1/constant/", by_key(ConstantView.as_view()))]
