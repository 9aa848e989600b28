"""The page in a real browser: every control, every lesson, keys alone, axe, reload and lost line, two tabs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from cms_sim.door.demo.lessons import load_lessons
from cms_sim.door.demo.words import LANGUAGES
from tests.door.demo.conftest import Open
from tests.door.demo.serving import Served, serving
from tests.door.demo.steps import VIEWS, go_to, show, slide, speak, steps_of, tab, until

NEW_SEED = "#set-seed"


def day(page: Any) -> str:
    text: str = page.inner_text("#date")
    return text


def numbers(page: Any) -> list[int]:
    """The counters of both sides."""
    return [int(text.replace(",", "")) for text in page.locator(".counts dd").all_inner_texts()]


def test_it_plays_pauses_and_goes_by_days_weeks_and_dates(open_page: Open) -> None:
    page = open_page()
    assert "Jul 1, 2020" in day(page) and numbers(page) == [0] * 7
    page.click("#day")
    page.click("#day")
    until(page, "document.getElementById('date').textContent.includes('Jul 2, 2020')")
    page.click("#week")
    until(page, "document.getElementById('date').textContent.includes('Jul 9, 2020')")
    go_to(page, "2021-06-30")
    until(page, "document.getElementById('date').textContent.includes('Jun 30, 2021')")
    there = numbers(page)
    assert there[0] > there[3] > 0 and there[6] > 100
    page.fill("#speed", "6")
    assert "30 days a second" in page.inner_text("#speed-words")
    page.click("#play")
    until(page, "document.getElementById('date').textContent.includes('Aug')")
    assert page.get_attribute("#play", "aria-pressed") == "true" and page.inner_text("#play") == "Pause"
    page.click("#play")
    page.wait_for_timeout(300)  # days that were asked for before are shown
    stopped = day(page)
    page.wait_for_timeout(300)
    assert day(page) == stopped
    go_to(page, "2020-07-20")
    go_to(page, "2021-06-30")
    until(page, "document.getElementById('date').textContent.includes('Jun 30, 2021')")
    assert numbers(page) == there, "the same days again"


def test_every_setting_takes_effect_or_waits_and_says_so(open_page: Open, served: Served) -> None:
    page = open_page()
    go_to(page, "2020-12-31")
    tab(page, "settings")
    names = page.eval_on_selector_all("#tab-settings [id^=set-]", "nodes => nodes.map(node => node.id.slice(4))")
    assert len(names) == 19
    for name in names:
        about = page.inner_text(f"#about-{name}")
        assert "Takes effect tomorrow." in about or "Takes effect when you start again." in about
        assert page.locator(f"label[for=set-{name}]").count() == 1
    slide(page, "violence_interrupters", 8)
    page.select_option("#set-shift", "nights_weekends")
    page.select_option("#set-residents", "500")
    page.check("#set-worse_before_opening")
    slide(page, "opens_after_days", 70)
    page.fill(NEW_SEED, "77")
    page.keyboard.press("Tab")
    until(page, "document.querySelectorAll('.setting .waits:not([hidden])').length === 4")
    assert page.inner_text("#tab-settings .waits >> nth=0") == "Some choices wait for the next start."
    assert "Jan 1" in day(page) or "Dec 31" in day(page), "nothing was started again yet"
    page.click("#tab-settings >> text=Start again with these")
    until(page, "document.getElementById('date').textContent.includes('Jul 1, 2020')")
    until(page, "document.querySelectorAll('.setting .waits:not([hidden])').length === 0")
    chosen = {
        name: page.input_value(f"#set-{name}") for name in ("violence_interrupters", "residents", "seed", "shift")
    }
    assert chosen == {"violence_interrupters": "8", "residents": "500", "seed": "77", "shift": "nights_weekends"}
    assert page.is_checked("#set-worse_before_opening")
    page.click("#again")
    page.wait_for_selector("#notice:not([hidden])")
    assert page.input_value(NEW_SEED) == "77", "a start keeps what was chosen"
    page.click("#again-seed")
    until(page, "document.getElementById('set-seed').value !== '77'")
    page.click("#tab-settings >> text=As at first")
    until(page, "document.getElementById('set-seed').value === '1'")
    assert page.input_value("#set-violence_interrupters") == "3"


def test_a_mediated_conflict_shows_what_it_grew_into(open_page: Open) -> None:
    page = open_page()
    go_to(page, "2022-06-28")
    tab(page, "list")
    page.wait_for_selector("#tab-list .card")
    said = page.inner_text("#tab-list .card >> nth=0")
    page.click("#tab-list .card >> nth=0")
    page.wait_for_selector("dialog[open] svg polygon")
    words = page.inner_text("#dialog-body")
    shootings = int(re.findall(r"(?:Grew into|Became) (\d+|a)", said)[0].replace("a", "1"))
    assert page.locator("#dialog-body svg polygon").count() == shootings
    assert "settled" in words and "happened with the programme" in words.replace("happen ", "happened ")
    page.click("#dialog-body summary")
    until(page, "number => document.querySelectorAll('#dialog-body ol li').length === number", shootings)
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="hidden")


def test_a_click_on_the_picture_leads_to_the_tree(open_page: Open) -> None:
    page = open_page()
    go_to(page, "2021-06-28")
    for _ in range(8):  # until something is marked
        page.click("#week")
        page.wait_for_timeout(120)
    box = page.locator(".side[data-side='0'] canvas").bounding_box()
    assert box
    for step in range(400):
        x, y = box["x"] + 12 + (step % 20) * box["width"] / 20, box["y"] + 8 + (step // 20) * box["height"] / 20
        page.mouse.click(x, y)
        if page.locator("dialog[open]").count():
            break
    page.wait_for_selector("dialog[open] .finding")
    assert page.inner_text("#dialog-title") == "What this conflict grew into"


def test_a_click_while_it_plays_is_answered_and_nothing_that_happened_is_left_undrawn(open_page: Open) -> None:
    page = open_page()
    go_to(page, "2021-06-28")
    tab(page, "list")
    page.wait_for_selector("#tab-list .card")
    page.fill("#speed", "6")
    page.click("#play")
    until(page, "window.cmsSim.player.day > 370")
    page.evaluate("document.querySelector('#tab-list .card').click()")
    page.wait_for_selector("dialog[open] .finding")
    assert page.get_attribute("#play", "aria-pressed") == "false"
    page.keyboard.press("Escape")
    until(page, "!window.cmsSim.player.busy")
    now = page.evaluate("window.cmsSim.store.now")
    shown = [now[side][name] for side in ("left", "right") for name in ("victims", "killed", "open")]
    until(page, "date => document.getElementById('said').textContent.startsWith(date)", day(page))
    assert numbers(page) == [*shown, now["right"]["mediations"]]
    page.click("#day")
    until(page, "day => window.cmsSim.player.day === day", now["day"] + 1)


def _outside(page: Any) -> int:
    """Dots of the picture in the dialog that lie outside of it, and so are not seen."""
    number: int = page.evaluate(
        "() => { const svg = document.querySelector('dialog svg'), { width, height } = svg.viewBox.baseVal;"
        " const at = (dot, name) => dot[name].baseVal.value;"
        " return [...svg.querySelectorAll('circle')].filter((dot) => at(dot, 'cy') < at(dot, 'r') ||"
        " at(dot, 'cy') > height || at(dot, 'cx') < 0 || at(dot, 'cx') > width).length; }"
    )
    return number


def test_where_other_dice_are_all_alike_each_is_seen(open_page: Open) -> None:
    page = open_page()
    page.click("#luck")
    page.wait_for_selector("dialog[open] circle")
    assert page.locator("dialog[open] circle").count() == 20 and _outside(page) == 0
    said = page.inner_text("#dialog-body")
    assert "changes by" not in said and "−14%" in said, "of nobody no share is told"


def test_views_lists_luck_and_help(open_page: Open) -> None:
    page = open_page()
    go_to(page, "2021-01-20")
    page.click('[data-view="charts"]')
    assert page.locator("#charts svg[role=img]").count() == 6
    assert "With the programme:" in (page.get_attribute("#charts svg[role=img] >> nth=0", "aria-label") or "")
    page.click("#charts summary")
    page.wait_for_selector("#charts tbody tr")
    page.click('[data-view="map"]')
    page.wait_for_selector("#map svg rect", timeout=240_000)  # a city of three million may have to be built first
    page.click("#map summary")
    page.wait_for_selector("#map tbody tr")
    assert page.locator("#map tbody tr").count() == 26
    total = page.inner_text("#map .finding")
    page.click("#week")
    until(page, "said => document.querySelector('#map .finding').textContent !== said", arg=total)
    page.click('[data-view="network"]')
    tab(page, "words")
    page.click("#week")
    page.wait_for_selector("#tab-words li")
    assert "people shot so far" in page.inner_text("#tab-words")
    told = page.evaluate("window.cmsSim.store.told.map(event => event.day)")
    assert told == sorted(told) and len(set(told)) > 3, "each on its own day, also where a week went by at once"
    page.click("#luck")
    page.wait_for_selector("dialog[open] circle")
    assert page.locator("dialog[open] circle").count() == 20
    assert _outside(page) == 0
    said = page.inner_text("#dialog-body")
    assert "−14% of shootings (between −19.4% and −8.3%)" in said, "real sites are set beside the made-up one"
    assert re.search(r"people shot changes by −?\d+% with", said)
    page.click("#dialog-close")
    page.click("#help")
    assert "made up" in page.inner_text("#dialog-body")


@pytest.mark.parametrize("name", list(load_lessons()))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_lesson_from_start_to_end(name: str, language: str, open_page: Open) -> None:
    page = open_page()
    speak(page, language)
    lesson = load_lessons()[name]
    for number in steps_of(page, name, lesson):
        step = lesson.steps[number - 1]
        assert page.locator(".framed:visible").count() >= (1 if step.highlight else 0)
        if step.run_to_day:
            assert page.evaluate("window.cmsSim.player.day") == step.run_to_day
        if step.ask:
            assert page.inner_text(".ask") == step.ask.in_(language)
            answer = page.inner_text(".shown")
            assert answer and "{" not in answer and "–" not in answer
    assert page.locator(".framed").count() == 0


def tab_to(page: Any, selector: str) -> None:
    """Press Tab until the focus is there."""
    for _ in range(90):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key never comes to {selector}")


def test_by_keyboard_alone(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("w")
    until(page, "window.cmsSim.player.day === 8")
    page.keyboard.press("+")
    assert page.input_value("#speed") == "3"
    page.keyboard.press("-")
    assert page.input_value("#speed") == "2"
    page.keyboard.press("2")
    assert page.is_visible("#charts")
    page.keyboard.press("1")
    page.keyboard.press("Space")
    until(page, "document.getElementById('play').getAttribute('aria-pressed') === 'true'")
    page.keyboard.press("Space")
    tab_to(page, '[data-tab="settings"]')
    page.keyboard.press("Enter")
    tab_to(page, "#set-violence_interrupters")
    page.keyboard.press("ArrowRight")
    until(page, "window.cmsSim.store.settings.violence_interrupters === 4")
    tab_to(page, "#jump-date")
    page.keyboard.type("06282021")
    page.keyboard.press("Enter")
    until(page, "window.cmsSim.store.now.date === '2021-06-28'")
    tab_to(page, "#help")
    page.keyboard.press("r")
    until(page, "window.cmsSim.player.day === 0")
    assert page.evaluate("window.cmsSim.store.settings.violence_interrupters") == 4


def test_trees_and_lessons_by_keyboard_alone(open_page: Open) -> None:
    page = open_page()
    go_to(page, "2021-06-28")
    tab_to(page, "#help")
    page.keyboard.press("m")
    page.wait_for_selector("#tab-list .card")
    tab_to(page, "[data-row]")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open] .finding")
    page.wait_for_timeout(500)  # lists that are drawn meanwhile must leave what focus comes back to
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.row !== undefined"), "focus comes back to where it was"
    tab_to(page, '[data-tab="lessons"]')
    page.keyboard.press("Enter")
    tab_to(page, '[data-lesson="contagion"]')
    page.keyboard.press("Enter")
    until(page, "document.activeElement.tagName === 'H2'")
    tab_to(page, "#tab-lessons .main-button")
    page.keyboard.press("Enter")
    until(page, "window.cmsSim.player.playing")
    tab_to(page, "#tab-lessons [role=status] + button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#tab-lessons .ask")
    tab_to(page, "#tab-lessons .main-button")
    page.keyboard.press("Enter")
    until(page, "document.activeElement.classList.contains('shown')")


def test_keys_can_be_switched_off_and_order_is_the_pages(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open]")
    page.uncheck("#shortcuts")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    assert not page.is_visible("#charts")
    assert page.evaluate("[...document.querySelectorAll('*')].filter(node => node.tabIndex > 0).length") == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_accessibility_has_no_violation(language: str, open_page: Open) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_page()
    speak(page, language)
    go_to(page, "2021-06-28")
    page.click("#week")
    tags = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    found = {}
    for view in VIEWS:
        show(page, view)
        page.wait_for_timeout(100)
        violations = axe.run(page, options=tags).response["violations"]
        found[view] = [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in violations]
    assert found == {view: [] for view in VIEWS}


def test_reload_and_lost_line_in_mid_play_go_on(open_page: Open, served: Served) -> None:
    page = open_page()
    tab(page, "settings")
    slide(page, "violence_interrupters", 7)
    go_to(page, "2021-03-01")
    before = numbers(page)
    page.reload()
    page.wait_for_selector("body[data-ready=yes]")
    assert numbers(page) == before and "Mar 1, 2021" in day(page)
    tab(page, "settings")
    assert page.input_value("#set-violence_interrupters") == "7"
    page.click("#play")
    until(page, "!document.getElementById('date').textContent.includes('Mar 1, 2021')")
    page.evaluate("window.cmsSim.link.socket.close()")
    until(page, "window.cmsSim.link.socket && window.cmsSim.link.ready")
    now = day(page)
    until(page, "said => document.getElementById('date').textContent !== said", arg=now)
    assert page.get_attribute("#play", "aria-pressed") == "true", "it plays on"
    page.click("#play")
    served.wait_for_pages(1)


def test_reload_in_mid_lesson_goes_on_at_its_step(open_page: Open) -> None:
    page = open_page()
    name, lesson = "contagion", load_lessons()["contagion"]
    seen = 0
    for number in steps_of(page, name, lesson):
        step, asked = lesson.steps[number - 1], page.locator("#tab-lessons .ask").all_inner_texts()
        lived = page.evaluate("window.cmsSim.player.day")
        page.reload()
        page.wait_for_selector("body[data-ready=yes]")
        page.wait_for_selector("#tab-lessons .main-button")
        assert f"Step {number} of {len(lesson.steps)}" in page.inner_text("#tab-lessons")
        assert page.locator("#tab-lessons .ask").all_inner_texts() == asked
        assert page.evaluate("window.cmsSim.player.day") == lived, "what was done is not done again"
        assert page.locator(".framed:visible").count() >= (1 if step.highlight else 0)
        if step.ask:
            page.click("#tab-lessons .main-button")
            page.wait_for_selector(".shown:not([hidden])")
        seen += 1
    assert seen == len(lesson.steps)
    page.reload()
    page.wait_for_selector("[data-lesson]")


def test_reload_while_a_lesson_plays_plays_on_and_leaving_it_is_kept(open_page: Open) -> None:
    page = open_page()
    page.click('[data-lesson="contagion"]')
    page.click("#tab-lessons .main-button")
    until(page, "window.cmsSim.player.playing && window.cmsSim.player.day > 5")
    page.reload()
    until(page, "window.cmsSim.player.playing && window.cmsSim.player.day > 10")
    page.click("#tab-lessons [role=status] + button")
    page.wait_for_selector("#tab-lessons .ask")
    assert page.evaluate("window.cmsSim.player.day") == load_lessons()["contagion"].steps[1].run_to_day
    page.click("text=Leave the lesson")
    page.reload()
    page.wait_for_selector("[data-lesson]")


def test_what_goes_wrong_is_told_in_the_language_of_the_page(open_page: Open) -> None:
    page = open_page()
    speak(page, "es")
    tab(page, "settings")
    page.eval_on_selector("#set-violence_interrupters", "node => { node.max = 99; }")
    slide(page, "violence_interrupters", 40)
    page.wait_for_selector("#notice:not([hidden])")
    assert page.inner_text("#notice") == (
        "Interruptores de violencia: ese número no se puede elegir. Dé un número de 0 a 8."
    )
    page.evaluate(
        "window.cmsSim.store.told.push({ kind: 'mediated', side: 1, row: 99999, result: 1, hour: 3, day: 1 })"
    )
    tab(page, "words")
    page.click("#tab-words .card")
    until(page, "document.getElementById('notice').textContent.includes('no hay tal conflicto. Elija')")
    page.route("**/export/png*", lambda route: route.continue_(post_data="{}"))
    tab(page, "take")
    page.click('[data-form="png"]')
    until(page, "document.getElementById('take-state').textContent.startsWith('El programa no conoce')")


def test_two_tabs_do_not_meet(open_page: Open) -> None:
    one = open_page()
    other = open_page(one.context)
    go_to(one, "2021-03-01")
    assert "Jul 1, 2020" in day(other)
    other.click("#week")
    until(other, "document.getElementById('date').textContent.includes('Jul 7, 2020')")
    assert "Mar 1, 2021" in day(one)
    other.reload()
    other.wait_for_selector("body[data-ready=yes]")
    assert "Jul 7, 2020" in day(other)


def test_what_is_taken_away_replays_by_itself(open_page: Open, browser: Any, tmp_path: Path) -> None:
    page = open_page()
    go_to(page, "2020-12-31")
    wanted = numbers(page)
    tab(page, "list")
    page.wait_for_selector("#tab-list .card")
    listed = page.locator("#tab-list .card").count()
    tab(page, "take")
    with page.expect_download() as download:
        page.click('[data-form="html"]')
    file = tmp_path / "run.html"
    download.value.save_as(file)
    alone = browser.new_context(offline=True)
    replay = alone.new_page()
    faults: list[str] = []
    replay.on("pageerror", lambda error: faults.append(str(error)))
    replay.on(
        "request", lambda asked: faults.append(asked.url) if not asked.url.startswith(("file:", "data:")) else None
    )
    replay.goto(file.as_uri())
    replay.wait_for_selector("body[data-ready=yes]")
    go_to(replay, "2020-12-31")
    until(replay, "document.getElementById('date').textContent.includes('Dec 31, 2020')")
    assert numbers(replay) == wanted
    replay.fill("#speed", "6")
    go_to(replay, "2020-08-10")
    replay.click("#play")
    until(replay, "document.getElementById('date').textContent.includes('Dec 31')")
    assert numbers(replay) == wanted, "played day by day as well"
    assert replay.locator("#tab-list .card").count() == listed
    replay.click("#tab-list .card >> nth=0")
    replay.wait_for_selector("dialog[open] svg polygon")
    replay.keyboard.press("Escape")
    replay.click("#luck")
    replay.wait_for_selector("dialog[open] circle")
    alone.close()
    assert faults == []


def test_pictures_are_taken_away(open_page: Open, tmp_path: Path) -> None:
    page = open_page()
    page.click("#week")
    until(page, "window.cmsSim.player.day === 7")
    tab(page, "take")
    for form, begins in (("png", b"\x89PNG"), ("gif", b"GIF89a")):
        with page.expect_download() as download:
            page.click(f'[data-form="{form}"]')
        assert download.value.suggested_filename == f"cms-sim-2020-07-07.{form}"
        download.value.save_as(tmp_path / form)
        assert (tmp_path / form).read_bytes().startswith(begins)


EVIL = "<img src=x onerror=window.hurt=1><script>window.hurt=1</script>{left_victims}"


def test_markup_in_a_lesson_stays_text(open_page: Open, browser: Any, tmp_path: Path) -> None:
    (tmp_path / "evil.toml").write_text(
        f"title = '{EVIL}'\nsummary = '{EVIL}'\norder = 1\n".replace("{left_victims}", "")
        + f"[[steps]]\nsay = '{EVIL}'\nask = '{EVIL}'\n[[steps.answers]]\nen = '{EVIL}'\n",
        encoding="utf-8",
    )
    with serving(tmp_path) as at:
        context = browser.new_context()
        page = open_page(context, at)
        page.click('[data-lesson="evil"]')
        page.click("#tab-lessons .main-button")
        page.wait_for_selector(".shown:not([hidden])")
        assert page.inner_text(".shown") == EVIL.replace("{left_victims}", "0")
        assert page.locator("#tab-lessons img, #tab-lessons script").count() == 0
        assert page.evaluate("window.hurt === undefined")
        context.close()


def test_a_server_that_ends_and_comes_back(browser: Any) -> None:
    with serving() as at:
        page = browser.new_context().new_page()
        page.goto(at.url)
        page.wait_for_selector("body[data-ready=yes]")
        go_to(page, "2020-12-31")
        wanted, port = numbers(page), at.demo.port
    page.wait_for_selector("#notice:not([hidden])")
    assert "lost" in page.inner_text("#notice")
    page.click("#week")  # nothing happens, nothing breaks
    with serving(port=port) as at:
        until(page, "window.cmsSim.link.ready")
        assert numbers(page) == wanted
        page.click("#day")
        until(page, "window.cmsSim.store.now.date === '2021-01-01'")
        page.context.close()
