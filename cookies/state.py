"""What holds for one visitor at one request: which groups are chosen, whether to ask, whether the browser says no."""

from dataclasses import dataclass

from django.http import HttpRequest

from cookies import choice_cookie
from cookies.choice_cookie import Choice
from cookies.models import Shown
from cookies.registry import Registry, is_covered, registry
from cookies.selectors import material_of


@dataclass(frozen=True, kw_only=True)
class State:
    """`says_no`: what holds is the browser's signal (Global Privacy Control), not an act of the person. `withdrawn` are
    the groups that this signal takes back."""

    choice: Choice | None = None
    accepted: frozenset[str] = frozenset()
    withdrawn: frozenset[str] = frozenset()
    is_asked: bool = False
    says_no: bool = False


def state_of(request: HttpRequest) -> State:
    """Worked out once for each request; without a query as long as the registry is what the choice was about."""
    found = getattr(request, "cookie_state", None)
    if found is None:
        found = request.cookie_state = _state(request, registry())  # type: ignore[attr-defined]
    assert isinstance(found, State)
    return found


def sends_gpc(request: HttpRequest) -> bool:
    return request.headers.get("Sec-GPC") == "1"


def _state(request: HttpRequest, registry: Registry) -> State:
    if not registry.optional:
        return State()
    choice = choice_cookie.read(request)
    gpc = sends_gpc(request)
    if choice is None:
        return State(is_asked=not gpc, says_no=gpc)
    if gpc and not choice.despite_gpc:
        return State(choice=choice, withdrawn=choice.accepted, says_no=True)
    if choice.version == registry.version:
        return State(choice=choice, accepted=choice.accepted & registry.optional_codes)
    return _after_a_change(choice, registry, gpc=gpc)


def _after_a_change(choice: Choice, registry: Registry, *, gpc: bool) -> State:
    """A yes holds as long as it covers what the group is now. A no covers whatever the group becomes: who refused is
    asked about new groups only."""
    try:
        then = material_of(choice.version)
    except Shown.DoesNotExist:
        return State(is_asked=not gpc, says_no=gpc)
    accepted = choice.accepted & registry.optional_codes
    covered = frozenset(code for code in accepted if is_covered(code, registry.material, then))
    is_asked = covered != accepted or not registry.optional_codes <= set(then)
    return State(choice=choice, accepted=covered, is_asked=is_asked)
