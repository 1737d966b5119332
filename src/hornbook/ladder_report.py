"""The ladder's report: the table as Markdown, and one self-contained HTML page with the curves."""

from html import escape

from hornbook import encoder_ladder
from hornbook.encoder_report import encoder_section
from hornbook.files import write_text
from hornbook.ladder import COUNTED, markdown

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 380, 56, 110, 16, 44
STROKES = {
    "uniform": "2 4",
    "unigram": "6 4",
    "ngram": "10 4",
    "rnn": "",
    "lstm": "",
    "gpt": "",
}  # a dash tells lines apart

STYLE = """
:root { color-scheme: light dark; --ink:#1b1d22; --paper:#fbfaf7; --faint:#6a6a6a; --rule:#d8d5cc;
  --rnn:#8a5a00; --lstm:#1d6b3a; --gpt:#1f5fb0; --counted:#6a6a6a; }
@media (prefers-color-scheme: dark) { :root { --ink:#eceae4; --paper:#16181c; --faint:#a5a39c; --rule:#3a3d44;
  --rnn:#e0ac55; --lstm:#74c690; --gpt:#82b4f5; --counted:#a5a39c; } }
body { font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 64rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: .2rem } h2 { font-size: 1.15rem; margin-top: 2rem }
.scroll { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
caption { text-align: left; color: var(--faint) }
th, td { text-align: right; padding: .35rem .5rem; border-bottom: 1px solid var(--rule); white-space: nowrap }
th:first-child, td:first-child { text-align: left } tbody tr:first-child { font-weight: 600 }
svg { width: 100%; height: auto } svg text { font-size: 12px; fill: var(--ink) } 
.faint, svg .faint { color: var(--faint); fill: var(--faint) }
.rnn { stroke: var(--rnn) } .lstm { stroke: var(--lstm) } .gpt { stroke: var(--gpt) }
.uniform, .unigram, .ngram { stroke: var(--counted) }
.bar { fill: var(--gpt); opacity: .35 } .interval { stroke: var(--ink); stroke-width: 1.5 }
.lot { stroke: var(--faint); stroke-dasharray: 2 4 }
"""


def write_report(ladder, encoders=()):
    """Write ladder.md and ladder.html into the ladder's folder; returns the path of the page.

    `encoders` are the rows of an `EncoderLadder` of the same text.
    """
    rows, corpus = ladder.rows(), ladder.corpus
    tables = [f"# The ladder on {corpus.name}\n"] + [markdown(rows)] * bool(rows) + [encoder_ladder.markdown(encoders)]
    write_text(ladder.folder / "ladder.md", "\n".join(filter(None, tables)))
    write_text(ladder.folder / "ladder.html", page(rows, corpus, encoders))
    return ladder.folder / "ladder.html"


def page(rows, corpus, encoders=()):
    """The whole report as one HTML page that needs no network."""
    title = f"The ladder on {escape(corpus.name)}"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{STYLE}</style></head><body><main>
<h1>{title}</h1>
{_language_section(rows)}
{encoder_section(encoders)}
<p class="faint">Text: {escape(corpus.source)}. SHA-256 {corpus.sha256[:16]}…</p>
</main></body></html>
"""


def _language_section(rows):
    """The models that write: their table, and the curves of how they got there."""
    if not rows:
        return ""
    best = rows[0]
    return f"""<p>Every model read the same training text and was scored on the same held-out text, all of it. The best
here is <strong>{best["rung"]}</strong> with <strong>{best["bits_per_character"]:.3f}</strong> bits per character.</p>
<div class="scroll">{_table(rows)}</div>
<h2>How it was reached</h2>
{_chart(rows)}
<p class="faint">The curves are validation losses measured during training on the beginning of the held-out text; the
table is measured on all of it, by the best weights of each run. Dashed: models that are counted, not trained.</p>
"""


def _table(rows):
    body = "".join(
        f"<tr><td>{row['rung']}</td><td>{row['bits_per_character']:.3f}</td>"
        f"<td>{row['interval_95'][0]:.3f} – {row['interval_95'][1]:.3f}</td><td>{row['parameters']:,}</td>"
        f"<td>{row['seconds']:.1f}</td><td>{row['characters_per_second']:,.0f}</td></tr>"
        for row in rows
    )
    heads = ("model", "bits per character", "95 % interval", "parameters", "training seconds", "characters per second")
    return (
        "<table><caption>lowest bits per character first</caption><thead><tr>"
        f"{''.join(f'<th scope=col>{head}</th>' for head in heads)}"
        f"</tr></thead><tbody>{body}</tbody></table>"
    )


def _chart(rows):
    """Bits per character against seconds of training: a curve for each trained rung, a level line for each counted."""
    levels = [row for row in rows if row["rung"] in COUNTED]
    curves = [row for row in rows if len(row["curve"]) > 1]
    values = [bits for row in curves for _, bits in row["curve"]] + [row["bits_per_character"] for row in rows]
    high, low = max(values), min(values)
    high, low = high + 0.04 * (high - low) + 1e-9, low - 0.06 * (high - low) - 1e-9
    last = max([seconds for row in curves for seconds, _ in row["curve"]], default=1.0)

    def x(seconds):
        return LEFT + (WIDTH - LEFT - RIGHT) * seconds / last

    def y(bits):
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - bits) / (high - low)

    parts = [_axes(x, y, last, low, high)]
    ends = []
    for row in levels:
        at = y(row["bits_per_character"])
        parts.append(
            f'<line class="{row["rung"]}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"'
            f' stroke-dasharray="{STROKES[row["rung"]]}"/>'
        )
        ends.append((at, f"{row['rung']} {row['bits_per_character']:.2f}"))
    for row in curves:
        points = " ".join(f"{x(seconds):.1f},{y(bits):.1f}" for seconds, bits in row["curve"])
        parts.append(f'<polyline class="{row["rung"]}" points="{points}" fill="none" stroke-width="2"/>')
        ends.append((y(row["curve"][-1][1]), f"{row['rung']} {row['curve'][-1][1]:.2f}"))
    parts += _labels(ends)
    described = "; ".join(f"{row['rung']} {row['bits_per_character']:.3f}" for row in rows)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Bits per character against seconds of training: '
        f'{described}">{"".join(parts)}</svg>'
    )


def _labels(ends):
    """Names at the right end of the lines, pushed apart so that none covers another."""
    ends, places, below, above = sorted(ends), [], TOP, HEIGHT - BOTTOM
    for at, _ in ends:
        places.append(max(at, below))
        below = places[-1] + 15
    for i in reversed(range(len(places))):  # and back up again, where the lowest would leave the page
        places[i] = min(places[i], above)
        above = places[i] - 15
    return [f'<text x="{WIDTH - RIGHT + 6}" y="{at + 4:.1f}">{label}</text>' for at, (_, label) in zip(places, ends)]


def _axes(x, y, last, low, high):
    parts = []
    for bits in _ticks(low, high):
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(bits):.1f}" y2="{y(bits):.1f}" stroke="var(--rule)"/>'
            f'<text class="faint" x="{LEFT - 6}" y="{y(bits) + 4:.1f}" text-anchor="end">{bits:g}</text>'
        )
    for seconds in _ticks(0, last):
        parts.append(
            f'<text class="faint" x="{x(seconds):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">'
            f"{seconds:g}</text>"
        )
    parts.append(
        f'<text class="faint" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}" text-anchor="middle">'
        "seconds of training</text>"
        f'<text class="faint" transform="translate(14 {HEIGHT / 2}) rotate(-90)" text-anchor="middle">'
        "bits per character</text>"
    )
    return "".join(parts)


def _ticks(low, high, about=5):
    """Round numbers between `low` and `high`: steps of 1, 2 or 5 times a power of ten."""
    from math import ceil, floor, log10

    step = (high - low) / about
    power = 10 ** floor(log10(step))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= step)
    return [round(step * i, 10) for i in range(ceil(low / step), floor(high / step) + 1)]
