"""A browser with the guide in it: the fixtures that the page's tests share."""

import shutil

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="module")
def browser():
    """Chromium from the PATH, through Playwright; skips where either is missing."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no chromium on the PATH to open the page in")
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


@pytest.fixture
def opened(browser, guide_file):
    """opened(width=…, theme=…, at="#…") -> a page that is ready; at the end: no error, no message, no request."""
    contexts, problems = [], []

    def open_(width=1280, theme="light", at="", **choices):
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, **choices))
        page = contexts[-1].new_page()
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: problems.append(request.url) if page.url not in request.url else None)
        page.goto(guide_file.as_uri() + at)
        page.wait_for_selector("html[data-ready]", timeout=60_000)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not [problem for problem in problems if not problem.startswith((guide_file.as_uri(), "blob:"))]


def violations(page, rules=AA, within=None):
    """What axe-core finds in the page or `within` a list of selectors: (rule, first elements).

    Its source is in the wheel of axe-playwright-python."""
    axe = pytest.importorskip("axe_playwright_python.base", reason="axe-playwright-python is not installed")
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(axe.AXE_SCRIPT)
    found = page.evaluate("([within, tags]) => axe.run(within ?? document, {runOnly: tags})", [within, rules])
    return [(one["id"], [node["html"][:160] for node in one["nodes"]][:3]) for one in found["violations"]]


def too_wide(page):
    """Pixels by which the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
