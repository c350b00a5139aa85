"""What gunicorn serves."""

from wsgiref.types import WSGIApplication

from django.conf import settings
from django.core.wsgi import get_wsgi_application

import profiles
from backups.gate import Gate
from operator_portal.client_address import HiddenClient


def _portal() -> WSGIApplication:
    django = get_wsgi_application()
    from systems.hot import HotQuestion  # needs models, which are there from now on

    return HotQuestion(django)


application = HiddenClient(
    Gate(_portal()),
    trusted_proxies=settings.TRUSTED_PROXIES,
    keeps_visit_data=lambda: bool(profiles.current().telemetry),
)
