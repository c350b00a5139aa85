from operator_portal.embedded.wishes import Wishes


def wishes(
    *, known: dict[str, str] | None = None, given: dict[str, str] | None = None, profile: str = "", demo: str = ""
) -> Wishes:
    return Wishes.of(known=known or {}, given=given or {}, profile=profile or None, port=8000, demo=demo or None)


def test_a_new_home_is_loyal_clubs_with_the_demo() -> None:
    assert wishes() == Wishes(profile="loyal_club", port=8000, demo=True)


def test_a_home_keeps_its_operator_and_never_gets_the_demo_by_accident() -> None:
    known = {"OPERATOR_PROFILE": "loginom", "DEMO": "0"}

    assert wishes(known=known) == Wishes(profile="loginom", port=8000, demo=False)


def test_what_is_said_now_wins_over_the_environment_and_that_over_the_home() -> None:
    known = {"OPERATOR_PROFILE": "first", "DEMO": "0"}
    given = {"OPERATOR_PROFILE": "second", "DEMO": "true"}

    assert wishes(known=known, given=given) == Wishes(profile="second", port=8000, demo=True)
    assert wishes(known=known, given=given, profile="third", demo="0") == Wishes(profile="third", port=8000, demo=False)


def test_somebody_elses_database_gets_no_demo() -> None:
    assert wishes(demo="1").without_demo().environment()["DEMO"] == "0"
