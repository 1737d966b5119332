"""The one palette: a colour for each family of numbers, the same in the terminal, the page, the film and the plots."""

from typing import NamedTuple


class Colour(NamedTuple):
    """Three shades of one hue, each with a contrast of at least 4.5 : 1 (WCAG 2.2, 1.4.3) where it is used."""

    light: str  # on PAPER.light
    dark: str  # on PAPER.dark
    either: str = ""  # on white as on black: for terminals, which do not say what they are


PAPER = Colour("#fbfaf7", "#16181c")
INK = Colour("#1b1d22", "#eceae4")
FAINT = Colour("#62605b", "#a5a39c", "#757575")
RULE = Colour("#d8d5cc", "#3a3d44")  # for lines, never for text
HEAT = 0.45  # the most of a family's colour that a cell's background may take, so that INK can be read on it

FAMILIES = {
    "embedding": Colour("#1f5fb0", "#82b4f5", "#1f74d9"),  # blue
    "attention": Colour("#1d6b3a", "#74c690", "#0f8838"),  # green
    "mlp": Colour("#9a4a00", "#f0a35a", "#c05600"),  # orange
    "memory": Colour("#6d3fb0", "#bfa2ee", "#8f5cd0"),  # violet: gates, cells, hidden states, counts
    "stream": Colour("#0b6b74", "#6cc7d0", "#00828b"),  # teal: the residual stream and its norms
    "loss": Colour("#b3261e", "#ff8a80", "#e02d28"),  # red: predictions, the loss, every gradient
    "negative": Colour("#5a6472", "#a9b2be", "#6e7783"),  # slate: values below 0, whatever their family
}

# the first word of a name that is here decides: "layers.0.attn.q" is attention, "grad.wte" is loss
_WORDS = {
    "grad": "loss", "logits": "loss", "logprobs": "loss", "targets": "loss", "loss": "loss", "lm_head": "loss",
    "lm_bias": "loss", "ids": "embedding", "embed": "embedding", "pos_embed": "embedding", "wte": "embedding",
    "wpe": "embedding", "attn": "attention", "kv": "attention", "mlp": "mlp", "gates": "memory", "candidate": "memory",
    "cell": "memory", "hidden": "memory", "pre": "memory", "w_x": "memory", "w_h": "memory", "b": "memory",
    "orders": "memory",
}  # fmt: skip


def family(name):
    """The family of a number by its name; what is nothing else belongs to the stream."""
    return next((_WORDS[word] for word in name.split(".") if word in _WORDS), "stream")


def blend(under, over, share):
    """The colour that `share` (0 … 1) of `over` gives on top of `under`, channel by channel. All as "#rrggbb"."""
    pairs = zip(_channels(under), _channels(over))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def contrast(one, other):
    """(L₁ + 0.05) / (L₂ + 0.05), L being the relative luminance of the lighter and the darker: from 1 to 21 (WCAG)."""
    darker, lighter = sorted(_luminance(colour) for colour in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def css(selector=":root"):
    """Every colour as a custom property, `--embedding`, `--paper`, …, for light and for dark screens."""
    colours = {"paper": PAPER, "ink": INK, "faint": FAINT, "rule": RULE, **FAMILIES}
    light = "".join(f"--{name}:{colour.light};" for name, colour in colours.items())
    dark = "".join(f"--{name}:{colour.dark};" for name, colour in colours.items())
    return f"{selector}{{color-scheme:light dark;{light}}}@media(prefers-color-scheme:dark){{{selector}{{{dark}}}}}"


def _channels(colour):
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def _luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (x / 255 for x in _channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
