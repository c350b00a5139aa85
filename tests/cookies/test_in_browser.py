"""The question and the counter in a real browser, against a machine that answers as Yandex.Metrica does."""

import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from cookies.models import CookieChoice

SERIOUS = {"serious", "critical"}
ASKS = ".cookie-banner"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


@pytest.fixture
def page(launch, home):
    context = launch().new_context(base_url=home, locale="ru-RU", viewport=DESK)
    return context.new_page()


def names_in(page: Page) -> set[str]:
    return {cookie["name"] for cookie in page.context.cookies()}


def press(page: Page, decision: str) -> None:
    page.locator(f"button[value={decision}]").click()


def counts(page: Page, hits: int, yandex) -> bool:
    """Waits until the counter has heard of so many pages; a moment longer when of none."""
    for _ in range(40 if hits else 5):
        page.wait_for_timeout(100)
        if hits and len(yandex.hits) >= hits:
            break
    return len(yandex.hits) == hits


# --- the counter ------------------------------------------------------------------------------------------------------


def test_nothing_is_counted_before_the_choice_and_after_a_refusal(page, yandex):
    page.goto("/")
    expect(page.locator(ASKS)).to_be_visible()
    press(page, "refuse")
    expect(page.locator(ASKS)).to_be_hidden()
    page.goto("/privacy/")

    assert counts(page, 0, yandex)
    assert yandex.asked == []
    assert names_in(page) == {"cookie_choice"}


def test_visits_are_counted_from_the_yes_to_the_taking_back(page, yandex, home):
    page.goto("/")
    press(page, "accept")
    expect(page.locator(ASKS)).to_be_hidden()
    assert counts(page, 1, yandex)
    page.goto("/privacy/?from=letter-7")
    assert counts(page, 2, yandex)
    assert yandex.hits == [f"{home}/", f"{home}/privacy/"]
    assert {"_ym_uid", "_ym_d"} <= names_in(page)

    page.goto("/privacy/cookies/")
    press(page, "refuse")
    page.goto("/")

    assert names_in(page) == {"cookie_choice"}
    assert page.evaluate("Object.keys(localStorage)") == []
    asked = len(yandex.asked)
    page.goto("/privacy/")
    page.wait_for_timeout(500)
    assert len(yandex.asked) == asked


def test_pages_with_somebodys_data_or_a_key_are_never_counted(page, yandex):
    page.goto("/")
    press(page, "accept")
    assert counts(page, 1, yandex)

    for path in ("/accounts/login/", "/accounts/password/reset/", "/receipts/no-such-code/"):
        page.goto(path)
    page.wait_for_timeout(500)

    assert len(yandex.hits) == 1


def test_other_tab_stops_counting_when_the_reader_comes_back_to_it(page, yandex):
    page.goto("/")
    press(page, "accept")
    assert counts(page, 1, yandex)
    other = page.context.new_page()
    other.goto("/privacy/cookies/")
    press(other, "refuse")
    other.close()
    asked = len(yandex.asked)

    with page.expect_navigation():
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    assert page.evaluate("typeof window.ym") == "undefined"
    assert len(yandex.asked) == asked
    assert "_ym_uid" not in names_in(page)


def test_browser_itself_keeps_a_host_out_that_was_not_chosen(page, yandex):
    """Were there a fault in the portal, and a page asked for the script, the policy of contents would hold."""
    refused: list[str] = []
    page.on(
        "console", lambda message: refused.append(message.text) if "Content Security Policy" in message.text else ""
    )
    page.goto("/")
    page.evaluate(
        "() => new Promise((done) => { const s = document.createElement('script'); s.onerror = s.onload = done;"
        " s.src = 'https://mc.yandex.ru/metrika/tag.js'; document.head.append(s); })"
    )

    assert len(refused) == 1
    assert yandex.asked == []


def test_signal_of_the_browser_is_a_no_that_only_a_person_overrides(launch, home, yandex):
    page = launch().new_context(base_url=home, extra_http_headers={"Sec-GPC": "1"}).new_page()
    page.goto("/")
    expect(page.locator(ASKS)).to_be_hidden()
    assert counts(page, 0, yandex)

    page.goto("/privacy/cookies/")
    press(page, "accept")
    assert counts(page, 1, yandex)
    page.goto("/")

    assert counts(page, 2, yandex)
    assert yandex.asked[0] == "/metrika/tag.js"


# --- the network log of the browser itself ----------------------------------------------------------------------------


#: The browser's own errands (its updates, its maker's accounts) are switched off, or sent to a port where nobody is.
NOBODY = "127.0.0.1:9"
NO_ERRANDS = (
    "--disable-features=AutofillServerCommunication,NetworkTimeServiceQuerying,OptimizationHints,MediaRouter,Translate",
    f"--component-updater=url-source=http://{NOBODY}/",
    f"--gaia-url=http://{NOBODY}",
    "--disable-extensions",
)


def hosts_in(log: Path) -> set[str]:
    """Whoever the network stack of the browser was told to talk to, by its own record."""
    record = json.loads(log.read_text())
    urls = [
        event["params"]["url"]
        for event in record["events"]
        if event.get("type") == record["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
        and "url" in event.get("params", {})
    ]
    return {match[1] for url in urls if (match := re.match(r"(?:https?|wss?)://([^/]+)", url))} - {NOBODY}


@pytest.mark.parametrize("decision", [None, "refuse", "accept"])
def test_network_log_of_the_browser_has_one_host_until_a_second_one_is_chosen(decision, launch, home, yandex, tmp_path):
    log = tmp_path / "net.json"
    chromium = launch(f"--log-net-log={log}", *NO_ERRANDS)
    page = chromium.new_context(base_url=home).new_page()
    page.goto("/", wait_until="networkidle")
    if decision:
        press(page, decision)
    for path in ("/", "/privacy/", "/privacy/cookies/", "/accounts/login/"):
        page.goto(path, wait_until="networkidle")
    chromium.close()

    own = home.removeprefix("http://")
    assert hosts_in(log) == ({own, "mc.yandex.ru"} if decision == "accept" else {own})


# --- how it can be used -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("decision", ["accept", "refuse"])
def test_choice_works_without_a_script(launch, home, decision):
    page = launch().new_context(base_url=home, java_script_enabled=False).new_page()
    page.goto("/privacy/history/")
    expect(page.locator(ASKS)).to_be_visible()

    press(page, decision)

    assert page.url == f"{home}/privacy/history/"
    expect(page.locator(ASKS)).to_be_hidden()
    assert CookieChoice.objects.get().accepted == (["analytics"] if decision == "accept" else [])


def test_choice_by_category_works_without_a_script(launch, home):
    page = launch().new_context(base_url=home, java_script_enabled=False).new_page()
    page.goto("/")
    page.locator(f"{ASKS} summary").click()
    expect(page.locator(f"{ASKS} input[type=checkbox]")).not_to_be_checked()

    page.locator(f"{ASKS} input[type=checkbox]").check()
    press(page, "save")

    assert CookieChoice.objects.get().accepted == ["analytics"]


def test_choice_is_made_changed_and_taken_back_by_the_keyboard_alone(page):
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("href", "#main")
    stops = [stop_after_tab(page) for _ in range(5)]
    assert stops[:4] == ["/privacy/cookies/", "refuse", "accept", "summary"]
    assert not in_banner(page)  # no trap: the next stop is in the page
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.value") == "refuse"
    expect(page.locator(":focus")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator(ASKS)).to_be_hidden()
    assert CookieChoice.objects.get().refused == ["analytics"]

    page.goto("/privacy/cookies/")
    tab_to(page, "input[name=groups]")
    page.keyboard.press("Space")
    tab_to(page, "button[value=save]")
    page.keyboard.press("Enter")
    expect(page.locator("input[name=groups]")).to_be_checked()
    tab_to(page, "button[value=refuse]")
    page.keyboard.press("Space")
    expect(page.locator("input[name=groups]")).not_to_be_checked()

    assert [row.accepted for row in CookieChoice.objects.all()] == [[], ["analytics"], []]


def stop_after_tab(page: Page) -> str:
    page.keyboard.press("Tab")
    stop: str = page.evaluate(
        "(at => at.getAttribute('href') || at.value || at.tagName.toLowerCase())(document.activeElement)"
    )
    return stop


def in_banner(page: Page) -> bool:
    return bool(page.evaluate(f"document.activeElement.closest('{ASKS}') !== null"))


def tab_to(page: Page, wanted: str) -> None:
    page.locator("body").evaluate("() => document.activeElement?.blur()")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.locator(wanted).evaluate_all("found => found.includes(document.activeElement)"):
            return
    raise AssertionError(f"{wanted} is not reached")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_yes_and_no_have_the_same_size_and_looks(launch, home, size):
    page = launch().new_context(base_url=home, viewport=size).new_page()
    page.goto("/")
    looks = "at => { const s = getComputedStyle(at), b = at.getBoundingClientRect(); return ["
    looks += (
        "b.width, b.height, b.top, s.color, s.backgroundColor, s.borderColor, s.fontSize, s.fontWeight, s.padding] }"
    )

    accept, refuse = (page.locator(f"{ASKS} button[value={value}]") for value in ("accept", "refuse"))

    assert accept.evaluate(looks) == refuse.evaluate(looks)
    expect(accept).to_be_in_viewport(ratio=1)
    expect(refuse).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("path", ["/", "/privacy/", "/accounts/signup/"])
def test_banner_covers_no_last_line_and_leaves_half_of_the_window(launch, home, size, path):
    page = launch().new_context(base_url=home, viewport=size).new_page()
    page.goto(path)
    height = page.locator(ASKS).evaluate("at => at.getBoundingClientRect().height")
    assert height < size["height"] / 2

    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")

    bottom = page.locator(".site-footer").evaluate("at => at.getBoundingClientRect().bottom")
    top = page.locator(ASKS).evaluate("at => at.getBoundingClientRect().top")
    assert bottom <= top + 1


def test_focus_that_moves_through_the_page_is_never_under_the_banner(launch, home):
    page = launch().new_context(base_url=home, viewport=PHONE, reduced_motion="reduce").new_page()
    page.goto("/accounts/signup/")
    covered = []
    for _ in range(30):
        page.keyboard.press("Tab")
        if not in_banner(page) and not page.evaluate(
            "(() => { const b = document.activeElement.getBoundingClientRect();"
            f" return b.top < document.querySelector('{ASKS}').getBoundingClientRect().top; }})()"
        ):
            covered.append(page.evaluate("document.activeElement.outerHTML.slice(0, 80)"))

    assert covered == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["ru-RU", "en-GB"])
def test_axe_finds_nothing_serious(launch, home, language, theme):
    page = launch().new_context(base_url=home, locale=language, color_scheme=theme, viewport=PHONE).new_page()
    faults = []
    for path in ("/", "/privacy/cookies/"):
        page.goto(path)
        if path == "/":
            page.locator(f"{ASKS} summary").click()
        faults += stumbling_blocks(page)
        if path != "/":
            press(page, "accept")
            faults += stumbling_blocks(page)

    assert faults == []


def stumbling_blocks(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{page.url}: {each['id']}" for each in found if each["impact"] in SERIOUS]
