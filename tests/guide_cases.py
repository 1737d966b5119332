"""A browser with the guide in it: the fixtures that the page's tests share.

What the page does in slices, in frames or after an event of the browser's is waited for with `expect`, which asks
again until it is so; never by a sleep, and never by a string of script, which the page's policy forbids.
"""

import re
import shutil
from contextlib import contextmanager

import pytest

try:
    from playwright.sync_api import expect
except ImportError:
    expect = None

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PATIENCE = 60_000  # milliseconds until a page on a busy machine is given up
TWO_FRAMES = """() => new Promise((done) => {
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));
})"""
# axe looks at every element under every other: section after section takes a tenth of the time of all at once
EACH = """async ([ids, tags]) => {
  const found = {}, options = {runOnly: tags, resultTypes: ["violations"]};
  const sections = [...document.querySelectorAll("main section")];
  const places = sections.map(() => document.createComment(""));
  const look = async (id, where) => {
    const { violations } = await axe.run(where, options);
    const told = violations.map((one) => [one.id, one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160))]);
    if (told.length) found[id] = told;
  };
  sections.forEach((one, i) => one.replaceWith(places[i]));
  await look("around", document);
  for (const [i, section] of sections.entries()) {
    if (ids.length && !ids.includes(section.id)) continue;
    places[i].replaceWith(section);
    await look(section.id, section);
    section.replaceWith(places[i]);
  }
  places.forEach((place, i) => place.replaceWith(sections[i]));
  return found;
}"""


@pytest.fixture(scope="module")
def browser():
    """Chromium from the PATH, through Playwright; skips where either is missing."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no chromium on the PATH to open the page in")
    expect.set_options(timeout=PATIENCE)
    with playwright.sync_playwright() as started:
        found = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="session")
def guide_file(tmp_path_factory):
    """The page as `hornbook guide` writes it."""
    from hornbook.guide.assemble import assemble

    path = tmp_path_factory.mktemp("guide") / "educational_guide.html"
    path.write_text(assemble(), encoding="utf-8")
    return path


@contextmanager
def watched(browser, address, before=""):
    """open_(width=…, theme=…, at="#…") -> a page that is ready; at the end: no error, no message, no request.

    `before` is a script that runs before the page's own."""
    contexts, problems = [], []

    def open_(width=1280, theme="light", at="", reduced_motion="reduce", **choices):
        choices |= {"viewport": {"width": width, "height": 900}, "color_scheme": theme}
        contexts.append(browser.new_context(reduced_motion=reduced_motion, **choices))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE)
        page.add_init_script(before)
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: problems.append(request.url) if page.url not in request.url else None)
        page.goto(address + at)
        page.wait_for_selector("html[data-ready]")
        settle(page)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not [problem for problem in problems if not problem.startswith((address, "blob:"))]


@pytest.fixture
def opened(browser, guide_file):
    """A page of a test's own: see `watched`. Animations are at their end at once unless motion is asked for."""
    with watched(browser, guide_file.as_uri()) as open_:
        yield open_


@pytest.fixture(scope="module")
def shared(browser, guide_file):
    """One page for all tests of a file that leave it as they find it, or say first what they want to see."""
    with watched(browser, guide_file.as_uri()) as open_:
        yield open_()


def number(text):
    """The number that an element of the page shows, such as "−1,024" or "4.99·10⁻⁸"."""
    return float(text.translate(str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789", ",")).replace("·10", "e"))


def settle(page):
    """Wait until what was seen or asked for is drawn: observers and frames have had their turn."""
    page.evaluate(TWO_FRAMES)


def go(page, view):
    """Show a view by its address, such as "#attention?attention.head=2"; keys that it does not name are forgotten."""
    page.evaluate("view => { location.hash = view; }", view)
    settle(page)


def stop_clock(page):
    """Let the page's time stand still, so that `page.clock.run_for(milliseconds)` alone moves its animations."""
    page.clock.install(time=0)
    page.clock.pause_at(1000)


def addressed(page, piece):
    """Wait until the address has a piece such as "attention.head=2"."""
    expect(page).to_have_url(re.compile(re.escape(piece)))


def violations(page, sections=(), rules=AA):
    """What axe-core finds around the sections and in each of them, or in some: {section: [(rule, elements)]}.

    Its source is in the wheel of axe-playwright-python."""
    axe = pytest.importorskip("axe_playwright_python.base", reason="axe-playwright-python is not installed")
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(axe.AXE_SCRIPT)
    return page.evaluate(EACH, [list(sections), rules])


def too_wide(page):
    """Pixels by which the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
