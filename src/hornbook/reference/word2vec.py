"""word2vec: vectors that tell a word's neighbours from words drawn at random. Skip-gram and CBOW, negative sampling.

Mikolov et al. 2013, arXiv 1301.3781 and 1310.4546. Neighbouring windows make a block and share their negatives, as in
Ji et al. 2016, arXiv 1604.04661: the gradient expected is the same, and a block is three products of small matrices.
"""

import numpy as np

from hornbook.reference import word2vec_sampling as sampling
from hornbook.reference.word2vec_config import SUBWORDS, Config
from hornbook.reference.word2vec_sampling import BOS, blocks, windows
from hornbook.trace import Trace, see


def skipgram(windows):
    """Every word of a window tells its centre: the inputs are the words themselves, a pair is a word and its centre."""
    return np.eye(len(windows)), windows


def cbow(windows):
    """The mean of a window tells its centre; also called continuous bag of words. An empty window tells nothing."""
    sizes = windows.sum(axis=0)
    return (windows / np.maximum(sizes, 1)).T, np.diag((sizes > 0).astype(float))


ARCHITECTURES = {"skipgram": skipgram, "cbow": cbow}  # windows (R, C) -> mixing (I, R), positive (I, C)


def init(config, rng, n_pieces=0):
    """First parameters by name: vectors uniform in ±1 / 2D, so that scores begin at 0; `lm_head` is 0."""
    V, D = config.vocab_size, config.embedding_dim
    rows = {"wte": V, "own": V, "pieces": n_pieces}
    params = {name: (rng.random((rows[name], D)) - 0.5) / D for name in SUBWORDS[config.subwords]}
    return params | {"lm_head": np.zeros((V, D))}


def learning_rate(done, total, config):
    """The rate after `done` of `total` tokens: a straight line from `learning_rate` to `min_learning_rate`."""
    return config.learning_rate - (config.learning_rate - config.min_learning_rate) * done / total


def forward(params, block, config, spelling=None):
    """The loss of a block in nats, a sum over its pairs: −log σ(input · centre) − weight · log σ(−input · negative).

    Negatives weigh `negative` in all, less those that are the centre. `spelling[w]`: the ids of the pieces of word w.
    """
    words, negatives = see("words", block.words), see("negatives", block.negatives)
    centres = see("centres", words[block.centres])
    rows = see("rows", vectors(params, words, spelling))  # (R, D)
    mixing, positive = ARCHITECTURES[config.architecture](see("windows", windows(block)))
    inputs = see("inputs", see("mixing", mixing) @ rows)  # (I, R) (R, D) -> (I, D)
    weight = config.negative / len(negatives)
    noise = see("noise_weights", weight * see("positive", positive) @ (centres[:, None] != negatives))  # (I, M)
    outputs = see("outputs", params["lm_head"][np.concatenate([centres, negatives])])  # (O, D)
    scores = see("scores", inputs @ outputs.T)  # (I, O)
    see("probs", 1 / (1 + np.exp(-scores)))  # that a pair is a true one
    see("pairs", positive.sum())
    surprise = see("surprise", np.logaddexp(0, np.hstack([-scores[:, : len(centres)], scores[:, len(centres) :]])))
    return see("loss", (np.hstack([positive, noise]) * surprise).sum())


def vectors(params, words, spelling=None):
    """(R,) -> (R, D): each word's row of wte or, with subwords, its own row and the mean of its pieces' rows."""
    if spelling is None:
        return params["wte"][words]
    means = [params["pieces"][spelling[w]].sum(axis=0) / max(1, len(spelling[w])) for w in words]
    return params["own"][words] + np.array(means)


def backward(params, trace, spelling=None):
    """Every parameter's gradient by name, from a trace of `forward`: ∂loss/∂score = weight · (σ(score) − label).

    But a word of a CBOW window is given the gradient of the mean whole, not 1/size of it, as in word2vec.c and gensim.
    """
    C, probs = len(trace["centres"]), trace["probs"]
    scores = np.hstack([trace["positive"] * (probs[:, :C] - 1), trace["noise_weights"] * probs[:, C:]])
    outputs = see("grad.outputs", see("grad.scores", scores).T @ trace["inputs"])
    inputs, mixing = see("grad.inputs", scores @ trace["outputs"]), trace["mixing"]
    see("grad.rows", mixing.T @ inputs)
    pull = see("pull", (mixing > 0).T @ inputs)  # for skip-gram it is grad.rows
    grads = {name: np.zeros_like(table) for name, table in params.items()}
    np.add.at(grads["lm_head"], np.concatenate([trace["centres"], trace["negatives"]]), outputs)
    np.add.at(grads["wte" if spelling is None else "own"], trace["words"], pull)
    for word, row in zip(trace["words"], pull) if spelling is not None else ():
        np.add.at(grads["pieces"], spelling[word], row / max(1, len(spelling[word])))
    return grads


def step(params, block, config, rate, spelling=None):
    """One step down the gradient of a block, θ ← θ − rate · ∂loss/∂θ in place; returns its trace."""
    with Trace() as trace:
        forward(params, block, config, spelling)
        for name, grad in backward(params, trace, spelling).items():
            params[name] -= rate * grad
    return trace


if __name__ == "__main__":
    text = "the cat chased the dog and the dog chased the cat and the cat ran and the dog ran"
    known = ["<PAD>", "<UNK>", "<BOS>", "<EOS>", "<MASK>", *dict.fromkeys(text.split())]
    ids = np.array([BOS, *map(known.index, text.split())])
    config = Config(len(known), embedding_dim=8, window=2, sample=0, windows_per_block=4, noise_per_block=5)
    counts, params = np.bincount(ids), init(config, np.random.default_rng(config.seed))
    cumulative = sampling.thresholds(sampling.noise(counts, config.ns_exponent).cumsum())
    drawn = sampling.thresholds(sampling.keep(counts, config.sample)), cumulative, sampling.guide(cumulative)
    for epoch in range(200):
        state, nats, pairs = sampling.first_random(config.seed, epoch), 0.0, 0.0
        shard = sampling.sample(ids, *drawn, config.window, config.windows_per_block, config.noise_per_block, state)
        for block in blocks(*shard, config):
            trace = step(params, block, config, rate=0.1)
            nats, pairs = nats + trace["loss"], pairs + trace["pairs"]
            for centre, window in zip(trace["centres"], trace["windows"].T) if epoch == 0 else ():
                near, noise = trace["words"][window > 0], trace["negatives"]
                print(f"{known[centre]:>8} among", *(known[w] for w in near), "· noise", *(known[w] for w in noise))
        print(f"epoch {epoch:3}: {nats / pairs:.4f} nats a pair\n" if epoch in (0, 1, 10, 100, 199) else "", end="")
