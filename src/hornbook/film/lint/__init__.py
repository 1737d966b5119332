"""The layout linter: plays scenes without drawing them, and measures every element at every frame."""

RULES = {
    "frame": "inside ±6.6 × (−3.2, 3.7)",
    "rail": "nothing below −3.3, where captions run",
    "header": "a header's top under the edge",
    "text over text": "no text over another, moving or not",
    "border": "no line through a text, moving or not",
    "size": "titles at most 48, content at most 24, nothing under 18",
    "distance": "texts of different blocks at least 0.5 apart",
    "contrast": "at least 4.5 : 1 against what is behind",
    "numeral": "every numeral from the recording, or marked as no measurement",
    "said": "every numeral of a caption too",
    "number": "a printed value is the recording's at its precision",
    "life": "everything comes in and goes out by an animation",
    "left": "nothing left at the end",
    "reading": "on the screen for at least a second per fifteen characters",
    "flash": "at most three flashes a second",
    "caption": "at most 17 characters a second, at least a second",
    "length": "a step lasts at most 55 s",
    "latex": "no class of Manim that needs LaTeX",
    "source": "nothing round the kit, nothing by chance",
}
