"""What other programs are told of the API: OpenAPI 3.1, and the same as a page to read, without scripts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from access.rules import open_to_all

_VERBS: Final = ("get", "post", "put", "patch", "delete")
_SEEN: Final = 4  # how deep a form is unfolded
TITLES: Final = {"question": _("The question: may it be processed?"), "requests": _("Requests of people")}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One value of a form. `path` names the forms around it too: `clocks[].due_on`."""

    path: str
    kind: str
    is_required: bool
    says: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: str
    says: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class Call:
    code: str
    verb: str
    path: str
    title: str
    says: str
    by: tuple[str, ...]
    parameters: tuple[Row, ...]
    sent: tuple[Row, ...]
    sent_as: tuple[str, ...]
    answers: tuple[Answer, ...]


@open_to_all
@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    return JsonResponse(described(), json_dumps_params={"ensure_ascii": False, "indent": 1})


@open_to_all
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    calls: dict[str, list[Call]] = {}
    for tag, call in _calls(described()):
        calls.setdefault(tag, []).append(call)
    parts = [{"code": tag, "title": TITLES.get(tag, tag), "calls": found} for tag, found in calls.items()]
    return render(request, "api/docs.html", {"parts": parts, "version": described()["info"]["version"]})


@cache
def described() -> dict[str, Any]:
    """In English, the language of programs. Made once: it changes with the code alone."""
    with override("en"):
        made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


def _calls(document: Mapping[str, Any]) -> Iterator[tuple[str, Call]]:
    for path, verbs in document["paths"].items():
        for verb in (verb for verb in _VERBS if verb in verbs):
            yield next(iter(verbs[verb].get("tags", [""]))), _call(document, path, verb, verbs[verb])


def _call(document: Mapping[str, Any], path: str, verb: str, said: Mapping[str, Any]) -> Call:
    sent = said.get("requestBody", {}).get("content", {})
    return Call(
        code=said["operationId"],
        verb=verb.upper(),
        path=path,
        title=said.get("summary", said["operationId"]),
        says=said.get("description", ""),
        by=tuple(name for way in said.get("security", []) for name in way),
        parameters=tuple(
            Row(
                path=f"{one['name']} ({one['in']})",
                kind=_kind(document, one["schema"]),
                is_required=one.get("required", False),
                says=one.get("description", ""),
            )
            for one in said.get("parameters", [])
        ),
        sent=_rows_of(document, sent),
        sent_as=tuple(sent),
        answers=tuple(
            Answer(
                status=status, says=answer.get("description", ""), rows=_rows_of(document, answer.get("content", {}))
            )
            for status, answer in sorted(said["responses"].items())
        ),
    )


def _rows_of(document: Mapping[str, Any], content: Mapping[str, Any]) -> tuple[Row, ...]:
    first = next(iter(content.values()), None)
    return tuple(_rows(document, first.get("schema", {}))) if first else ()


def _rows(document: Mapping[str, Any], form: Mapping[str, Any], around: str = "", depth: int = 0) -> Iterator[Row]:
    form = _found(document, form)
    if "oneOf" in form:  # who may send less sees the longest of the forms, and what is needed of all
        yield from _together([list(_rows(document, one, around, depth)) for one in form["oneOf"]])
        return
    if form.get("type") == "array":
        yield from _rows(document, form.get("items", {}), f"{around}[]", depth)
        return
    required = set(form.get("required", ()))
    for name, raw in form.get("properties", {}).items():
        path = f"{around}.{name}" if around else name
        value = _found(document, raw)
        yield Row(path=path, kind=_kind(document, raw), is_required=name in required, says=raw.get("description", ""))
        if depth < _SEEN and (value.get("properties") or value.get("type") == "array"):
            yield from _rows(document, value, path, depth + 1)


def _together(forms: Sequence[list[Row]]) -> Iterator[Row]:
    needed = [{row.path for row in form if row.is_required} for form in forms]
    for row in max(forms, key=len):
        yield replace(row, is_required=all(row.path in paths for paths in needed))


def _kind(document: Mapping[str, Any], raw: Mapping[str, Any]) -> str:
    form = _found(document, raw)
    kind = form.get("type", "any")
    words = " | ".join(kind) if isinstance(kind, list) else str(kind)
    if kind == "array":
        words = f"array of {_kind(document, form.get('items', {}))}"
    if form.get("enum"):
        return " | ".join(str(value) for value in form["enum"])
    return f"{words} ({form['format']})" if form.get("format") else words


def _found(document: Mapping[str, Any], form: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in form or len(form.get("allOf", ())) == 1 or len(form.get("oneOf", ())) == 1:
        if "$ref" in form:
            form = document["components"]["schemas"][form["$ref"].rsplit("/", 1)[1]]
        else:
            form = cast(Mapping[str, Any], (form.get("allOf") or form["oneOf"])[0])
    return form
