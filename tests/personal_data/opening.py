"""What gunicorn serves where only the opening and sealing of values is to be seen: no session, no template.
`GET /SUBJECT/ID` tells the specimen's name to its own person, `PUT` seals it anew. The rest is the portal's: settings,
keyring, scope."""

from collections.abc import Iterable
from uuid import UUID
from wsgiref.types import StartResponse, WSGIEnvironment

from django.core.wsgi import get_wsgi_application

get_wsgi_application()

from django.db import close_old_connections  # noqa: E402

from personal_data.scope import processing  # noqa: E402
from tests.factories.personal_data import person  # noqa: E402
from tests.specimens.models import Specimen  # noqa: E402


def application(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    try:
        subject_id, specimen_id = map(UUID, environ["PATH_INFO"].strip("/").split("/"))
        said = _name_of(subject_id, specimen_id, seals=environ["REQUEST_METHOD"] == "PUT").encode()
    except ValueError:
        start("404 Not Found", [("Content-Length", "0")])
        return []
    finally:
        close_old_connections()
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(said)))])
    return [said]


def _name_of(subject_id: UUID, specimen_id: UUID, *, seals: bool) -> str:
    with processing("account", actor=person(subject_id)):
        specimen = Specimen.objects.get(pk=specimen_id)
        name = str(specimen.name)
        if seals:
            specimen.name = name
            specimen.save(update_fields=["name"])
    return name
