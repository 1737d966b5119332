"""The model card of an encoder: does it beat the rungs below it on this text, by how much, at what cost."""

from hornbook import run as files
from hornbook.encoder import TextEncoder
from hornbook.files import write_text
from hornbook.half_match import half_match

BELOW = {"counts": [], "normalized": ["counts"], "tfidf": ["counts"]}  # others: both
OTHERS = ("counts", "tfidf")
MISTAKES = 3
MOST_TOKENS = 20_000_000  # whose bags take about a gigabyte; word vectors are trained on a text of any length


def write_card(folder, about, encoder):
    """Measure `encoder` and the rungs below it on the run's held-out passages, and write README.md.

    What was measured is put into ``about["results"]``: "validation" and "yardsticks".
    """
    results = about["results"]
    passages = encoder.held_out
    try:
        measured = half_match(encoder, passages)
    except ValueError as error:  # too few passages to tell one from another
        results["unmeasured"] = str(error)
        write_text(folder / files.CARD, _markdown(folder.name, about, None, {}, _curve(folder)))
        return
    below = {name: half_match(_fitted(name, encoder), passages) for name in BELOW.get(about["model"], OTHERS)}
    results["validation"] = measured.numbers()
    results["yardsticks"] = {name: other.mrr.value for name, other in below.items()}
    write_text(folder / files.CARD, _markdown(folder.name, about, measured, below, _curve(folder)))


def _fitted(name, encoder):
    """The encoder `name`, fitted on the same tokens that `encoder` was trained on, or the first MOST_TOKENS of them."""
    from hornbook import bags
    from hornbook.models import configure, kind_of
    from hornbook.training.tokens import read_stream

    stream = read_stream(encoder.folder / files.TOKENS["train"], encoder.tokenizer.vocab_size)[:MOST_TOKENS]
    words = encoder.about["settings"]["passage"] if kind_of(encoder.model).reads == "documents" else None
    other = TextEncoder(name)
    found = bags.of_stream(stream, encoder.tokenizer, words)
    other.network = kind_of(name).fast.fit(found, configure(name, encoder.tokenizer))
    other.tokenizer = encoder.tokenizer
    return other


def _markdown(name, about, measured, below, curve):
    results, corpus = about["results"], about["corpus"]
    lines = [f"# {name}: {about['model']} on {corpus['name']}", ""]
    if measured:
        lines += [_verdict(measured, below), "", *_table(about["model"], measured, below), ""]
        left_out = f"; {measured.empty} without two halves and {measured.repeated} repeated ones left out"
        left_out = left_out if measured.empty + measured.repeated else ""
        lines += [
            f"Half-match: {measured.mrr.n:,} held-out passages are cut in two, and the second half is to be found from"
            f" the first among all others{left_out}. MRR is the mean of 1 / place;"
            " the intervals are 95 % bootstraps over passages.",
            "",
        ]
    else:
        lines += [f"Nothing was measured: {results['unmeasured']}", ""]
    lines += [
        f"Trained for {results['seconds']:.1f} s on {corpus['characters']['train']:,} characters"
        f" ({corpus['source']}; SHA-256 {corpus['sha256'][:16]}…), {results['parameters']:,} numbers."
    ]
    if measured and measured.mistakes:
        lines += ["", "## What it got most wrong", ""]
        for mistake in measured.mistakes[:MISTAKES]:
            lines += [
                f"- “{_short(mistake.first)}” goes on “{_short(mistake.second)}”, which came at place"
                f" {mistake.place:g}; {'as high' if mistake.tied else 'first'} was “{_short(mistake.instead)}”."
            ]
    if curve:
        lines += ["", f"![loss by round]({files.CURVE})"]
    return "\n".join(lines) + "\n"


def _verdict(measured, below):
    if not below:
        return "This is the lowest rung: there is none below it to beat."
    best = max(below, key=lambda name: below[name].mrr.value)
    gain = measured.beats(below[best])
    word = "**beats**" if gain.low > 0 else "**does not beat**" if gain.value <= 0 else "is ahead of, but not surely,"
    return (
        f"It {word} the best rung below it ({best}): {measured.mrr.value:.3f} against {below[best].mrr.value:.3f} MRR,"
        f" a difference of {gain.value:+.3f} (95 % {gain.low:+.3f} to {gain.high:+.3f})."
    )


def _table(model, measured, below):
    by_chance = measured.chance
    lines = ["| model | MRR | 95 % | recall@10 | 95 % |", "|---|---|---|---|---|"]
    lines.append(f"| by lot | {by_chance[0]:.3f} | | {by_chance[1]:.3f} | |")
    for name, one in {**below, model: measured}.items():
        mrr, recall = one.mrr, one.recall
        lines.append(
            f"| {name} | {mrr.value:.3f} | {mrr.low:.3f} to {mrr.high:.3f} |"
            f" {recall.value:.3f} | {recall.low:.3f} to {recall.high:.3f} |"
        )
    return lines


def _short(text, most=90):
    text = " ".join(text.split()).replace("|", "\\|")
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + " …"


def _curve(folder):
    """Draw the loss of every round, where there were any that had something to score."""
    from hornbook.show import loss_curve

    log = [line for line in files.read_log(folder) if line["loss"] is not None]
    if not log:
        return False
    validation = [(line["step"], line["validation"]) for line in log if "validation" in line]
    loss_curve([line["step"] for line in log], [line["loss"] for line in log], validation, {}, folder / files.CURVE)
    return True
