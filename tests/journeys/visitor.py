"""A browser of thirty lines: it keeps cookies, fills in forms and says of itself whatever it is told to say, on each
request. A real one lets nobody choose its referrer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener


@dataclass(kw_only=True)
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    url: str
    text: str

    def form(self, ending: str = "") -> Form:
        """The form that is sent to an address with this ending; the one in the middle of the page if none is said."""
        found = _Forms.of(self.text)
        fitting = [form for form in found if form.action.endswith(ending)] if ending else _not_of_the_frame(found)
        assert fitting, (
            f"no form to {ending!r} at {self.url} ({self.status}), only to {[form.action for form in found]}"
        )
        return fitting[0]


class Visitor:
    def __init__(self, home: str, headers: Mapping[str, str]) -> None:
        self.home = home
        self.cookies = CookieJar()
        self._opener: OpenerDirector = build_opener(HTTPCookieProcessor(self.cookies))
        self._opener.addheaders = [*headers.items(), ("Accept-Language", "ru")]

    def get(self, path: str) -> Answer:
        return self._ask(urljoin(self.home, path))

    def send(self, page: Answer, ending: str = "", **values: str) -> Answer:
        """The form of the page with these values, and with what it held already."""
        form = page.form(ending)
        return self.post(urljoin(page.url, form.action), {**form.fields, **values})

    def post(self, path: str, values: Mapping[str, str]) -> Answer:
        return self._ask(urljoin(self.home, path), urlencode(values).encode())

    def _ask(self, url: str, data: bytes | None = None) -> Answer:
        try:
            with self._opener.open(url, data, timeout=60) as got:
                return Answer(status=got.status, url=got.url, text=got.read().decode())
        except HTTPError as error:
            with error:
                return Answer(status=error.code, url=error.url, text=error.read().decode())


class _Forms(HTMLParser):
    """What a browser would send of each form, if nobody typed or chose anything."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    @classmethod
    def of(cls, text: str) -> list[Form]:
        parser = cls()
        parser.feed(text)
        return parser.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = dict(attrs)
        if tag == "form":
            self.found.append(Form(action=had.get("action") or ""))
        elif tag == "input" and self.found and had.get("name") and _is_sent(had):
            self.found[-1].fields[str(had["name"])] = had.get("value") or ""


def _is_sent(had: Mapping[str, str | None]) -> bool:
    if had.get("type") in ("checkbox", "radio"):
        return "checked" in had
    return had.get("type") not in ("submit", "button")


def _not_of_the_frame(forms: list[Form]) -> list[Form]:
    frame = ("/language/", "/looks/theme/", "/accounts/logout/", "/accounts/2fa/webauthn/login/")
    return [form for form in forms if form.action not in frame]
