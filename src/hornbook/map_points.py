"""What a map shows: the most frequent words, chosen ones, a word and its neighbours, or passages of a text."""

import numpy as np

from hornbook.errors import HornbookError
from hornbook.map_page import shorten
from hornbook.mapping import Points

NEAR = 200  # neighbours of one word, where nothing else is asked for
FREQUENT = 2_000  # words, or passages
LABEL = 3  # words that stand for a passage


def frequent(vectors, most=FREQUENT):
    """The `most` most frequent words of a WordVectors; where no counts are known, its first."""
    rows = np.arange(len(vectors)) if vectors.counts is None else np.argsort(-vectors.counts, kind="stable")
    return _words(vectors, [vectors.words[row] for row in rows[:most]])


def chosen(vectors, words):
    """These words, the most frequent first; unknown ones are left out, and named. All unknown: HornbookError."""
    asked = list(dict.fromkeys(words))
    if not asked:
        raise HornbookError("no words are given: --words king,queen or --words FILE, one a line.")
    known, unknown = [], []
    for word in asked:
        try:
            vectors.vector(word)
        except HornbookError as error:
            unknown.append((word, error))
        else:
            known.append(word if (row := vectors.row(word)) is None else vectors.words[row])
    if not known:
        raise HornbookError(str(unknown[0][1]))
    known = sorted(dict.fromkeys(known), key=lambda word: -(vectors.count(word) or 0))
    named = ", ".join(word for word, _ in unknown[:8]) + (" …" if len(unknown) > 8 else "")
    return _words(vectors, known, [f"Not known and left out: {named}."] if unknown else [])


def near(vectors, word, most=NEAR):
    """A word and the `most` nearest to it by cosine, nearest first."""
    row = vectors.row(word)
    found = [name for name, _ in vectors.neighbours(word, most)]
    return _words(vectors, [word if row is None else vectors.words[row], *found])


def _words(vectors, words, left_out=()):
    counts = None if vectors.counts is None else [vectors.count(word) or 0 for word in words]
    return Points("words", words, words, np.stack([vectors.vector(word) for word in words]), counts, None,
                  tuple(left_out))  # fmt: skip


def passages(encoder, texts, most=FREQUENT):
    """Texts as an encoder sees them, named by their numbers from 1; of more than `most`, evenly spaced ones.

    Each is labelled by some of its words: `typical_words`.
    """
    if not texts:
        raise HornbookError("there are no passages to map: the run held none out. --texts FILE maps those of a file.")
    kept = np.unique(np.linspace(0, len(texts) - 1, min(most, len(texts))).round().astype(int))
    said = [f"{len(kept):,} of {len(texts):,} passages, evenly spaced."] if len(kept) < len(texts) else []
    shown = [texts[i] for i in kept]
    return Points("passages", [str(i + 1) for i in kept], typical_words(shown), encoder.encode(shown), None, shown,
                  tuple(said))  # fmt: skip


def typical_words(texts, k=LABEL):
    """For each of N texts its k words with the highest tf · ln(N / df): frequent in it and rare among the others.

    Words of fewer than two texts, or one in a hundred, are passed over; a text without others has its beginning.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    counting = CountVectorizer(token_pattern=r"(?u)[^\W\d_]{3,}")
    try:
        counts = counting.fit_transform(texts)
    except ValueError:  # no word of three letters in any of them
        return [shorten(text, 24) for text in texts]
    found_in = np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = np.log(len(texts) / found_in) * (found_in >= max(2, len(texts) / 100))
    words, labels = counting.get_feature_names_out(), []
    for number, text in enumerate(texts):
        row = counts[number]
        scores = row.data * rarity[row.indices]
        order = [i for i in np.lexsort((row.indices, -scores))[:k] if scores[i] > 0]
        labels.append(" ".join(words[row.indices[i]] for i in order) or shorten(text, 24))
    return labels
