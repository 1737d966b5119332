"""The whole page for everybody: no violation that axe-core finds and nothing too wide, in every section and state."""

import pytest

from guide_cases import AA, browser, guide_file, settle, shared, too_wide, violations  # noqa: F401 (fixtures)

WIDTHS = [320, 375, 768, 1280]
COLOURS = ["color-contrast"]  # the same at every width, and all that differs between themes
FRESH = "theme="
# every section looks at something else than at first: trained, zoomed, backwards, peaked, sampled, compared
OTHER = ("weights=trained&name=emmanuel&autograd.graph=softmax&autograd.step=4&parameters.matrix=wte"
         "&parameters.show=grad.&architecture.pass=back&architecture.step=10&architecture.position=3"
         "&attention.head=1&attention.push=10&attention.name=emmanuel&training.parameter=lm_head[26][3]&generation.temperature=1.5&generation.seed=7"
         "&meaning.text=Unbelievable+tokens&meaning.word=queen&compare.a=trained&compare.seed=5")  # fmt: skip
TEXT = "input:not([type])"
WRONG = f"#head {TEXT}, #tokenizer input, #architecture {TEXT}, #attention {TEXT}, #generation {TEXT}, #meaning [list]"
OPEN = "open => document.querySelectorAll('details').forEach((one) => { one.open = open; })"
SECTIONS = "[...document.querySelectorAll('main section')].map((one) => one.id)"


def show(page, query, opened=False, section="tokenizer"):
    """A state of all sections; whatever draws only what is seen has been seen."""
    page.evaluate("view => { location.hash = view; }", f"#{section}?{query}")
    page.evaluate(OPEN, opened)
    for seen in page.evaluate(SECTIONS):
        page.evaluate("id => document.getElementById(id).scrollIntoView()", seen)
        settle(page)


def look(page, width, theme):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    settle(page)


def wide(page, widths=WIDTHS):
    """Pixels by which the page is too wide, by width of the window."""
    over = {}
    for width in widths:
        look(page, width, "light")
        over[width] = too_wide(page)
    return {width: pixels for width, pixels in over.items() if pixels > 0}


def press(page, section, name):
    page.locator(f"#{section}").get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_found_as_it_opens(shared, width, theme):  # noqa: F811
    show(shared, FRESH)
    look(shared, width, theme)
    assert violations(shared) == {}


def test_nothing_found_in_another_state_of_every_section_with_all_unfolded(shared):  # noqa: F811
    look(shared, 1280, "light")
    show(shared, OTHER, opened=True)
    press(shared, "meaning", "Take one step on “emmanuel”")
    press(shared, "training", "Train 10 steps")
    shared.locator("#training").get_by_role("button", name="Check the gradient").click()
    settle(shared)
    ids = shared.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    assert wide(shared) == {}
    for width, theme, rules in ((320, "light", AA), (768, "dark", AA), (1280, "dark", COLOURS)):
        look(shared, width, theme)
        assert violations(shared, rules=rules) == {}, width


def test_nothing_found_where_something_wrong_was_typed_nor_in_teacher_mode_nor_in_the_list_of_keys(shared):  # noqa: F811
    show(shared, FRESH)
    for field in shared.locator(WRONG).all():
        field.fill("9z9")
    assert shared.locator("[aria-invalid=true]:visible").count() >= 8
    look(shared, 320, "dark")
    assert too_wide(shared) <= 0
    assert violations(shared) == {}
    shared.get_by_role("button", name="Keyboard").click()
    assert violations(shared, ["none"]) == {}
    shared.keyboard.press("Escape")
    shared.get_by_role("button", name="Teacher mode").click()
    assert violations(shared, ["tokenizer"]) == {}
    assert wide(shared) == {}
    shared.keyboard.press("Escape")


def test_nothing_is_too_wide_whatever_is_shown(shared):  # noqa: F811
    for query, opened in ((FRESH, True), (OTHER, False), (OTHER + "&teacher=1", True)):
        show(shared, query, opened)
        assert wide(shared) == {}, query
    shared.keyboard.press("Escape")
    look(shared, 320, "light")
    graphs = [f"autograd?autograd.graph={graph}&autograd.step=2" for graph in ("addition", "relu", "neuron", "rmsnorm")]
    steps = [f"architecture?architecture.step={step}&name=maximiliano" for step in range(1, 24)]
    heads = [f"attention?attention.head={head}&attention.name=maximiliano" for head in ("", "0")]
    for view in (*graphs, *steps, *(f"{one}&architecture.pass=back" for one in steps), *heads):
        shared.evaluate("view => { location.hash = view; }", f"#{view}")
        settle(shared)
        assert too_wide(shared) <= 0, view


def test_nothing_found_in_forced_colours(shared):  # noqa: F811
    shared.emulate_media(forced_colors="active")
    show(shared, OTHER)
    assert violations(shared, rules=COLOURS) == {}
    shared.emulate_media(forced_colors="none")
