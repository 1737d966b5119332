"""Latent Dirichlet allocation: a document is a mixture of topics, a topic a distribution over words.

The model is Blei, Ng & Jordan 2003. It is learnt by collapsed Gibbs sampling (Griffiths & Steyvers 2004): every token
has a topic; one after another is asked again which, given all others. `hornbook.fast.lda` is this text, compiled.
"""

from math import log

import numpy as np

from hornbook.reference.lda_config import BOS, SPECIALS, Config, documents
from hornbook.trace import see, within

MULTIPLIER = 698769069  # Marsaglia's, of KISS99


def first(documents, config):
    """The topics to begin with, one a token (T,): any."""
    return np.random.default_rng(config.seed).integers(config.n_components, size=len(documents[0]), dtype=np.int32)


def tables(documents, assignments, config):
    """The counts that an assignment of topics to tokens (T,) makes: doc_topic (N, S), word_topic (V, S), topic (S,)."""
    (words, starts), S = documents, config.n_components
    document = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    doc_topic = np.bincount(document * S + assignments, minlength=(len(starts) - 1) * S).reshape(-1, S)
    word_topic = np.bincount(words.astype(int) * S + assignments, minlength=config.vocab_size * S).reshape(-1, S)
    return doc_topic.astype(np.int32), word_topic.astype(np.int32), np.bincount(assignments, minlength=S)


def priors(words, config):
    """α, β and how many different words there are, V below: what makes the counts probabilities."""
    return config.doc_topic_prior, config.topic_word_prior, float(len(np.unique(words)))


def conditional(in_document, of_word, of_topic, priors):
    """p(topic | all other tokens) ∝ (n_ds + α) (n_ws + β) / (n_s + V β), from counts (S,) without the token asked."""
    alpha, beta, V = priors
    liked = see("liked", in_document + alpha)  # by the document
    offered = see("offered", (of_word + beta) / (of_topic + V * beta))  # by the topic: p(word | topic)
    weights = see("weights", liked * offered)
    return see("conditional", weights / weights.sum())


def train(documents, config):
    """Assignments (T,) after all sweeps, and the tables they make; the tables of every sweep go to the trace."""
    assignments = first(documents, config)
    for number in range(config.sweeps):
        made = tables(documents, assignments, config)
        nats = sweep(documents, assignments, made, priors(documents[0], config), seed(config, number))
        with within(f"sweeps.{number}"):
            see("assignments", assignments.copy())
            for name, table in zip(("doc_topic", "word_topic", "topic"), made):
                see(name, table)
            see("loss", nats / max(1, len(assignments)))
    return assignments, made


def seed(config, number):
    """Where the random numbers of one sweep start: any number from 1 to MULTIPLIER · 2³² − 2."""
    drawn = np.random.SeedSequence([config.seed, number]).generate_state(1, np.uint64)[0]
    return 1 + int(drawn) % (MULTIPLIER * 2**32 - 2)


def sweep(documents, assignments, tables, priors, x):
    """Ask every token once; assignments and tables are changed in place. Returns the tokens' surprise, added up.

    Surprise is −ln p(word | all other tokens), in nats: the sum of the weights over n_d + S α.
    """
    (words, starts), (doc_topic, word_topic, of_topic), (alpha, beta, V) = documents, tables, priors
    S = len(of_topic)
    share, running = np.zeros(S), np.zeros(S)
    nats, p = 0.0, 1.0
    for d in range(len(starts) - 1):
        in_document, n = doc_topic[d], starts[d + 1] - starts[d] - 1
        for s in range(S):
            share[s] = (in_document[s] + alpha) / (of_topic[s] + V * beta)
        for i in range(starts[d], starts[d + 1]):
            of_word, s = word_topic[words[i]], assignments[i]
            move(in_document, of_word, of_topic, share, s, -1, priors)
            x = MULTIPLIER * (x & 0xFFFFFFFF) + (x >> 32)  # multiply with carry: below MULTIPLIER · 2³²
            total, s = draw(share, of_word, beta, running, x / (MULTIPLIER * 2.0**32))
            assignments[i] = s
            move(in_document, of_word, of_topic, share, s, 1, priors)
            p *= total / (n + S * alpha)
            if p < 1e-200:  # one logarithm for many tokens
                nats, p = nats - log(p), 1.0
    return nats - log(p)


def move(in_document, of_word, of_topic, share, s, by, priors):
    """Count a token into topic s (by = 1) or out of it (by = −1)."""
    alpha, beta, V = priors
    in_document[s] += by
    of_word[s] += by
    of_topic[s] += by
    share[s] = (in_document[s] + alpha) / (of_topic[s] + V * beta)


def draw(share, of_word, beta, running, u):
    """Sum of the weights, and the topic where u of it is reached. The weights are added in four parts side by side:
    a sum waits for the one before it, four do not wait for each other."""
    S = len(share)
    q = S // 4
    a = b = c = d = 0.0
    for s in range(q):
        a += share[s] * (of_word[s] + beta)
        b += share[s + q] * (of_word[s + q] + beta)
        c += share[s + 2 * q] * (of_word[s + 2 * q] + beta)
        d += share[s + 3 * q] * (of_word[s + 3 * q] + beta)
        running[s], running[s + q], running[s + 2 * q], running[s + 3 * q] = a, b, c, d
    for s in range(4 * q, S):
        d += share[s] * (of_word[s] + beta)
        running[s] = d
    ab, abc = a + b, a + b + c
    u *= abc + d
    part = int(u >= a) + int(u >= ab) + int(u >= abc)
    u -= (0.0, a, ab, abc)[part]
    start, passed = part * q, 0
    for s in range(start, S - 1 if part == 3 else start + q - 1):
        passed += running[s] <= u
    return abc + d, start + passed


if __name__ == "__main__":
    from hornbook.trace import Trace

    text = ["ship sea wind", "sea wind sail ship", "wind sail sea", "heart love tears", "tears heart joy", "joy love"]
    names = sorted({word for line in text for word in line.split()})
    stream = [id_ for line in text for id_ in (BOS, *(SPECIALS + names.index(word) for word in line.split()))]
    config = Config(SPECIALS + len(names), 2, sweeps=20)
    with Trace() as trace:
        train(documents(stream, config), config)
    for number in range(0, config.sweeps, 5):
        print(f"sweep {number}: {trace[f'sweeps.{number}.loss']:.4f} nats a word")
        for s, row in enumerate(trace[f"sweeps.{number}.word_topic"].T):
            print(f"  topic {s}:", *(f"{names[v - SPECIALS]} {row[v]}" for v in np.flatnonzero(row)))
