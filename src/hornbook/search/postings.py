"""Who has which word: the lists behind BM25, written for each segment, weighed over all that are live."""

from collections import Counter

import numpy as np

from hornbook.fast.terms import words_of
from hornbook.reference.counts import Config, bm25_idf, saturated

BM25 = Config(vocab_size=1, weighting="bm25")  # for its k1 and b; the words are those of the index


def count(texts):
    """Texts (N) -> what a segment keeps: `words` in the order of the alphabet and, word after word, who has it.

    The `rows` that have word v, and how often (`counts`), are those from `starts[v]` to `starts[v + 1]`; `lengths`
    (N,) are all words of a row.
    """
    number_of, numbers, rows, counts, lengths = {}, [], [], [], []
    for row, text in enumerate(texts):
        bag = Counter(words_of(text))
        numbers.extend(number_of.setdefault(word, len(number_of)) for word in bag)
        rows.extend([row] * len(bag))
        counts.extend(bag.values())
        lengths.append(bag.total())
    words = sorted(number_of)
    place = np.empty(len(words), np.int64)
    place[[number_of[word] for word in words]] = np.arange(len(words))
    numbers = place[np.array(numbers, np.int64)]
    order = np.argsort(numbers, kind="stable")
    return {
        "words": words,
        "starts": np.append(0, np.bincount(numbers, minlength=len(words)).cumsum()),
        "rows": np.array(rows, np.int32)[order],
        "counts": np.array(counts, np.int32)[order],
        "lengths": np.array(lengths, np.int32),
    }


class Words:
    """The words of all live passages, numbered from 0 in the order of their files."""

    def __init__(self, segments, numbers):
        self.segments, self.numbers = segments, numbers  # of each segment: row -> number of its passage, −1 where gone
        self.size = sum(int((own >= 0).sum()) for own in numbers)
        lengths = np.zeros(self.size)
        for segment, own in zip(segments, numbers):
            lengths[own[own >= 0]] = segment.lengths[own >= 0]
        self.relative_lengths = lengths / (lengths.mean() if lengths.any() else 1.0)

    def find(self, word):
        """(numbers of the passages that have the word, how often each has it)."""
        found = [(own[rows], counts) for segment, own in zip(self.segments, self.numbers)
                 for rows, counts in [segment.postings(word)]]  # fmt: skip
        passages = np.concatenate([np.zeros(0, np.int64), *(passages for passages, _ in found)])
        counts = np.concatenate([np.zeros(0, np.int32), *(counts for _, counts in found)])
        return passages[passages >= 0], counts[passages >= 0]

    def scores(self, query):
        """BM25 of every passage (N,): Σ over the query's words of count · idf · tf / (tf + K).

        Also called Okapi BM25; idf and K, Lucene's, are those of `reference.counts`, over live passages.
        """
        total = np.zeros(self.size)
        for word, times in Counter(words_of(query)).items():
            passages, counts = self.find(word)
            idf = bm25_idf(len(passages), self.size)
            total[passages] += times * idf * saturated(counts, self.relative_lengths[passages], BM25)
        return total

    def unknown(self, query):
        """The words of the query that no live passage has."""
        return [word for word in dict.fromkeys(words_of(query)) if not len(self.find(word)[0])]

    def all(self):
        """Every word of every segment, whether or not its passages are still there."""
        return set().union(*(segment.words for segment in self.segments))
