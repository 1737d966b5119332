"""The encoders' part of the ladder's page: their table, and a bar with its interval for each."""

from html import escape

from hornbook.encoder_ladder import notes, seconds

WIDTH, LEFT, RIGHT, ROW, BAR = 760, 110, 60, 30, 14  # of the drawing, in its own units


def encoder_section(rows):
    """The HTML of the section; nothing where nothing was measured. `rows` are those of an `EncoderLadder`."""
    if not rows:
        return ""
    best = rows[0]
    return f"""<h2>The same text as vectors</h2>
<p>Each of {best["n"]:,} held-out passages is cut in two, and the second half is to be found from the first among all
others (half-match). The best here is <strong>{escape(best["rung"])}</strong>, with a mean reciprocal rank of
<strong>{best["mrr"]:.3f}</strong>; by lot it would be {best["by_chance"]:.3f}.</p>
<div class="scroll">{_table(rows)}</div>
{"".join(f'<p class="faint">{escape(note)}</p>' for note in notes(rows))}
{_bars(rows)}
<p class="faint">The thin line is the 95 % interval, a bootstrap over passages; the dotted one what ordering the halves
by lot would give. Where intervals overlap widely, these passages are too few to tell the two apart.</p>
"""


def _table(rows):
    heads = ("encoder", "MRR", "95 % interval", "recall@10", "dimensions", "numbers kept", "training seconds")
    body = "".join(
        f"<tr><td>{escape(row['rung'])}</td><td>{row['mrr']:.3f}</td>"
        f"<td>{row['mrr_interval_95'][0]:.3f} – {row['mrr_interval_95'][1]:.3f}</td><td>{row['recall_at_10']:.3f}</td>"
        f"<td>{row['dimensions']:,}</td><td>{row['parameters']:,}</td><td>{seconds(row)}</td></tr>"
        for row in rows
    )
    return (
        "<table><caption>highest mean reciprocal rank (MRR) first</caption><thead><tr>"
        f"{''.join(f'<th scope=col>{head}</th>' for head in heads)}</tr></thead><tbody>{body}</tbody></table>"
    )


def _bars(rows):
    """A bar from 0 to the MRR of each encoder, and its interval across its end."""
    last = max(row["mrr_interval_95"][1] for row in rows)
    height = ROW * len(rows) + 24

    def x(mrr):
        return LEFT + (WIDTH - LEFT - RIGHT) * mrr / last

    parts = []
    for place, row in enumerate(rows):
        middle = ROW * place + ROW / 2
        low, high = (x(value) for value in row["mrr_interval_95"])
        parts.append(
            f'<text x="{LEFT - 8}" y="{middle + 4}" text-anchor="end">{escape(_short(row["rung"]))}</text>'
            f'<rect class="bar" x="{LEFT}" y="{middle - BAR / 2}" width="{x(row["mrr"]) - LEFT:.1f}" height="{BAR}"/>'
            f'<line class="interval" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}"/>'
            f'<text x="{high + 6:.1f}" y="{middle + 4}">{row["mrr"]:.3f}</text>'
        )
    lot = x(rows[0]["by_chance"])
    parts.append(
        f'<line class="lot" x1="{lot:.1f}" x2="{lot:.1f}" y1="0" y2="{height - 20}"/>'
        f'<text class="faint" x="{lot:.1f}" y="{height - 6}" text-anchor="middle">by lot</text>'
    )
    described = "; ".join(f"{escape(row['rung'])} {row['mrr']:.3f}" for row in rows)
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Half-match, mean reciprocal rank: {described}">'
        f"{''.join(parts)}</svg>"
    )


def _short(name, most=15):
    """As much of a name as there is room for beside its bar."""
    return name if len(name) <= most else f"{name[: most - 1]}…"
