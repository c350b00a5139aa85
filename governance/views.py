"""What the operator shows to everybody about its processing."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from access.rules import open_to_all
from consent import suppression
from consent.selectors import language_of
from governance import selectors
from governance.data_map import data_map_as_data, held_fields
from profiles import current


@open_to_all
@require_safe
def data_map(request: HttpRequest) -> HttpResponse:
    language = language_of(get_language())
    context = {
        "purposes": selectors.purposes(language),
        "categories": selectors.categories(language),
        "without_data": selectors.without_data(language),
        "system_name": current().system_name,
        "outliving": [suppression.declared()],
        "held_count": len(held_fields()),
    }
    return render(request, "governance/data_map.html", context)


@open_to_all
@require_safe
def data_map_json(request: HttpRequest) -> JsonResponse:
    return JsonResponse(data_map_as_data(), json_dumps_params={"ensure_ascii": False, "indent": 1})


@open_to_all
@require_safe
def recipients(request: HttpRequest) -> HttpResponse:
    return render(
        request, "governance/recipients.html", {"recipients": selectors.recipients(language_of(get_language()))}
    )


@open_to_all
@require_safe
def protection(request: HttpRequest) -> HttpResponse:
    return render(request, "governance/protection.html")
