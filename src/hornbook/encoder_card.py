"""The model card of an encoder: does it beat the rungs below it on this text, and what it began with, by how much."""

from functools import partial

from hornbook import run as files
from hornbook.encoder import TextEncoder
from hornbook.files import write_text
from hornbook.half_match import HalfMatch, half_match
from hornbook.yardsticks import BELOW, COUNTED, fitted, parts_read

MISTAKES = 3
WHAT = {  # of marked rows -> how their figure is made
    "same": "each fifth of them is told by the threshold that is best for the others",
    "score": "Spearman's ρ is that of the cosines and the scores",
    "triplet": "told right is one whose anchor is nearer to the positive than to the negative",
}


def write_card(folder, about, encoder, beside=None):
    """Measure `encoder`, what it began with and the rungs below it on what its run held out, and write README.md.

    Into ``about["results"]`` go "validation" (half-match) or "pairs" (marked texts), "before" where it began with known
    weights, "yardsticks" (the others' values) and "gains" (over each of them). `beside`: rung -> the folder of a
    finished one of the same text, which is loaded instead of fitted.
    """
    results, measure, place = about["results"], _measure(folder, about, encoder), _place(about)
    try:
        measured = measure(encoder)
    except ValueError as error:  # too few to tell one from another
        results[place] = {"unmeasured": str(error)}
        if place == "validation":
            results["unmeasured"] = results.pop(place)["unmeasured"]
        write_text(folder / files.CARD, _markdown(folder.name, about, None, {}, [], _curve(folder)))
        return
    rungs, left_out = fitted(BELOW.get(about["model"], COUNTED), encoder, folders=beside)
    notes = [*parts_read(encoder, [name for name in rungs if name not in (beside or {})]),
             *(f"{name} could not be fitted: {why}" for name, why in left_out.items())]  # fmt: skip
    others = {name: measure(rung) for name, rung in rungs.items()}
    results["yardsticks"] = {name: _figure(other).value for name, other in others.items()}
    if about.get("from"):
        others["before"] = measure(TextEncoder.load(about["from"]))
        results["before"] = _numbers(others["before"])
    results[place] = _numbers(measured)
    results["gains"] = {name: measured.beats(other).numbers() for name, other in others.items()}
    write_text(folder / files.CARD, _markdown(folder.name, about, measured, others, notes, _curve(folder)))


def _place(about):
    """Where in the results the measurement goes."""
    return "pairs" if "marked" in about else "validation"


def _measure(folder, about, encoder):
    """encoder -> a `HalfMatch` on the held-out passages, or a `labelled_pairs.Told` on the held-out rows."""
    if "marked" not in about:
        return partial(half_match, passages=encoder.held_out)
    from hornbook.labelled_pairs import measured

    return partial(measured, folder=folder, kind=about["marked"]["kind"])


def _figure(measured):
    return measured.mrr if isinstance(measured, HalfMatch) else measured.cases.figure()


def _numbers(measured):
    return measured.numbers() if isinstance(measured, HalfMatch) else measured.numbers


def _markdown(name, about, measured, others, notes, curve):
    results, corpus = about["results"], about["corpus"]
    lines = [f"# {name}: {about['model']} on {corpus['name']}", ""]
    if measured is None:
        lines += [f"Nothing was measured: {results.get('unmeasured') or results['pairs']['unmeasured']}", ""]
    else:
        below = {other: one for other, one in others.items() if other != "before"}
        lines += [_verdict(measured, below), "", *_adapted(about, measured, others), *_use(results)]
        table = _table if isinstance(measured, HalfMatch) else _table_of_pairs
        lines += [*table(about["model"], measured, others), "", _how(about, measured, below, notes), ""]
    lines += [_trained(about)]
    mistakes = _mistakes(measured)
    if mistakes:
        lines += ["", "## What it got most wrong", "", *(f"- {mistake}" for mistake in mistakes)]
    if curve:
        lines += ["", f"![loss by round]({files.CURVE})"]
    return "\n".join(lines) + "\n"


def _verdict(measured, below):
    if not below:
        return "This is the lowest rung: there is none below it to beat."
    best = max(below, key=lambda name: _figure(below[name]).value)
    gain = measured.beats(below[best])
    word = "**beats**" if gain.low > 0 else "**does not beat**" if gain.value <= 0 else "is ahead of, but not surely,"
    return f"It {word} the best rung below it ({best}): {_against(measured, below[best], gain)}"


def _adapted(about, measured, others):
    """Whether the training did any good to what it began with."""
    if "before" not in others:
        return
    gain = measured.beats(others["before"])
    word = ("**Training it here did it good**" if gain.low > 0 else "**Training it here did harm**" if gain.high < 0
            else "Whether training it here did it good cannot be told")  # fmt: skip
    yield f"{word}, beside {about['from']} as it was: {_against(measured, others['before'], gain)}"
    yield ""


def _against(measured, other, gain):
    name = "MRR" if isinstance(measured, HalfMatch) else measured.name
    return (
        f"{_figure(measured).value:.3f} against {_figure(other).value:.3f} {name},"
        f" a difference of {gain.value:+.3f} (95 % {gain.low:+.3f} to {gain.high:+.3f})."
    )


def _use(results):
    """The threshold from which on two texts are the same, and whether it tells anything."""
    found = results.get("pairs", {})
    if "threshold" in found:
        all_same, more = found["all_same"]["F1"], found["is_useful"]
        beside = "Calling every pair the same has" if more else "**Calling every pair the same is no worse**: it has"
        yield (f"From a cosine of {found['threshold']:.3f} on, two texts are taken for the same. {beside} an F1 of"
               f" {all_same:.3f}.")  # fmt: skip
        yield ""


def _how(about, measured, below, notes):
    fitted_on = f" {', '.join(below)} are of the same text." if below else ""
    fitted_on += "".join(f" {note}" for note in notes)
    if not isinstance(measured, HalfMatch):
        what = WHAT[about["marked"]["kind"]]
        return (f"Held out: {len(measured.cases.given):,} of {about['marked']['rows']:,} marked rows; {what}."
                f" The intervals are 95 % bootstraps over rows.{fitted_on}")  # fmt: skip
    left_out = f"; {measured.empty} without two halves and {measured.repeated} repeated ones left out"
    left_out = left_out if measured.empty + measured.repeated else ""
    return (
        f"Half-match: {measured.mrr.n:,} held-out passages are cut in two, and the second half is to be found from"
        f" the first among all others{left_out}. MRR is the mean of 1 / place;"
        f" the intervals are 95 % bootstraps over passages.{fitted_on}"
    )


def _trained(about):
    results, corpus = about["results"], about["corpus"]
    text = (f"{corpus['characters']['train']:,} characters"
            f" ({corpus['source']}; SHA-256 {corpus['sha256'][:16]}…)")  # fmt: skip
    if about.get("from"):
        return (f"It began with the weights of {about['from']}, {results['parameters']:,} numbers, and was trained on"
                f" for {results['seconds']:.1f} s, on {text}.")  # fmt: skip
    return f"Trained for {results['seconds']:.1f} s on {text}, {results['parameters']:,} numbers."


def _table(model, measured, others):
    by_chance = measured.chance
    lines = ["| model | MRR | 95 % | recall@10 | 95 % |", "|---|---|---|---|---|"]
    lines.append(f"| by lot | {by_chance[0]:.3f} | | {by_chance[1]:.3f} | |")
    for name, one in {**others, model: measured}.items():
        mrr, recall = one.mrr, one.recall
        lines.append(
            f"| {name} | {mrr.value:.3f} | {mrr.low:.3f} to {mrr.high:.3f} |"
            f" {recall.value:.3f} | {recall.low:.3f} to {recall.high:.3f} |"
        )
    return lines


def _table_of_pairs(model, measured, others):
    lines = [f"| model | {measured.name} | 95 % |", "|---|---|---|"]
    if "all_same" in measured.numbers:
        lines.append(f"| every pair the same | {measured.numbers['all_same']['F1']:.3f} | |")
    for name, one in {**others, model: measured}.items():
        figure = _figure(one)
        lines.append(f"| {name} | {figure.value:.3f} | {figure.low:.3f} to {figure.high:.3f} |")
    return lines


def _mistakes(measured):
    if not isinstance(measured, HalfMatch):
        mistakes = measured.mistakes if measured else []
        return [f"{' / '.join(f'“{_short(text)}”' for text in texts)}: {said}" for texts, said in mistakes]
    return [
        f"“{_short(mistake.first)}” goes on “{_short(mistake.second)}”, which came at place"
        f" {mistake.place:g}; {'as high' if mistake.tied else 'first'} was “{_short(mistake.instead)}”."
        for mistake in measured.mistakes[:MISTAKES]
    ]


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
