"""What learnt topics are used for: the mixture of a new document, the loss on held-out ones, how well words cohere."""

import numpy as np


def probabilities(topic_word, prior):
    """p(word | topic): (n_sw + β) / (n_s + V β) from counts (S, V). A word that no topic has ever had has none."""
    known = topic_word.sum(axis=0) > 0
    smooth = (topic_word + prior) * known
    return smooth / np.maximum(smooth.sum(axis=1, keepdims=True), 1e-300)


def mixture(words, counts, word_topic, prior, theta):
    """Fill theta (S,) with p(topic | document), for a document of words (W,), each there counts (W,) times.

    Each word is shared among the topics as they now explain it, γ_ws ∝ p(word | s) (n_s + α), and n_s = Σ_w c_w γ_ws,
    until no share moves: the most probable mixture for a prior of 1 + α (MAP in Asuncion et al. 2009, "On smoothing and
    inference for topic models"), also called folding in. word_topic (V, S) holds p(word | topic). Nothing is drawn.
    """
    S, total = len(theta), 0.0
    for c in counts:
        total += c
    new = np.zeros(S)
    theta[:] = 1.0 / S
    for _ in range(200):
        new[:] = prior
        for w in range(len(words)):
            given, p = word_topic[words[w]], 0.0
            for s in range(S):
                p += given[s] * theta[s]
            for s in range(S):
                new[s] += counts[w] / p * given[s] * theta[s]
        moved = 0.0
        for s in range(S):
            new[s] /= total + S * prior
            moved += abs(new[s] - theta[s])
            theta[s] = new[s]
        if moved < 1e-4:
            break


def completion(words, starts, word_topic, prior):
    """Σ −ln p(word) over the second half of each document, given the mixture of its first half; and how many words.

    Also called document completion (Wallach et al. 2009). exp(Σ / words) is the held-out perplexity. The larger half is
    the second: one word alone is scored from the prior's mixture.
    """
    theta = np.zeros(word_topic.shape[1])
    nats, scored = 0.0, 0
    for d in range(len(starts) - 1):
        middle = (starts[d] + starts[d + 1]) // 2
        mixture(words[starts[d] : middle], np.ones(middle - starts[d]), word_topic, prior, theta)
        for i in range(middle, starts[d + 1]):
            given, p = word_topic[words[i]], 0.0
            for s in range(len(theta)):
                p += given[s] * theta[s]
            nats -= np.log(p)
            scored += 1
    return nats, scored


def umass(together, alone, _documents=None):
    """Mean over word pairs of ln (D(w, v) + 1) / D(v), v the more frequent (Mimno et al. 2011): the higher, the better.

    together (k, k): in how many documents both words are; alone (k,): in how many each is.
    """
    order = np.argsort(-alone, kind="stable")
    pairs = [(w, v) for at, w in enumerate(order) for v in order[:at] if alone[v]]
    return float(np.mean([np.log((together[w, v] + 1) / alone[v]) for w, v in pairs])) if pairs else 0.0


def npmi(together, alone, documents):
    """Mean over word pairs of ln (p(w, v) / p(w) p(v)) / −ln p(w, v), from −1 (never together) to 1 (always).

    Normalised pointwise mutual information (Bouma 2009; for topics Aletras & Stevenson 2013), p counted over documents.
    A pair that is never together counts −1, one that is in every document 1; one with a word that no document has is
    left out.
    """
    scores = []
    for w in range(len(alone)):
        for v in range(w):
            if not alone[w] * alone[v]:
                continue
            both = together[w, v] / documents
            if both in (0, 1):
                scores.append(2 * both - 1)
            else:
                scores.append(np.log(both * documents**2 / (alone[w] * alone[v])) / -np.log(both))
    return float(np.mean(scores)) if scores else 0.0
