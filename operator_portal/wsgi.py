"""What gunicorn serves."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application

import profiles
from operator_portal.client_address import HiddenClient
from systems.hot import HotQuestion

application = HiddenClient(
    HotQuestion(get_wsgi_application()),
    trusted_proxies=settings.TRUSTED_PROXIES,
    keeps_visit_data=lambda: bool(profiles.current().telemetry),
)
