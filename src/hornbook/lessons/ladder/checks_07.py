"""The checks of ladder notebook 07: hidden tokens and their loss, pooling, InfoNCE, the margin loss."""

import numpy as np

from hornbook.lessons.exercise import Case, Exercise, Mistake
from hornbook.reference import contrastive, pooling
from hornbook.reference.losses import cross_entropy, log_softmax
from hornbook.reference.pooling import unit


def _hidden():
    rng, cases = np.random.default_rng(71), []
    for shape in ((40,), (3, 20)):
        ids, others = rng.integers(3, 50, shape), rng.integers(3, 50, shape)
        args = (ids, rng.random(shape) < 0.5, rng.random(shape), others, 2)
        cases.append(Case(args, f"ids of shape {shape}, about half of them asked"))
    return cases


def _mask_tokens(ids, asked, lot, others, mask_id):
    return np.select([asked & (lot < 0.8), asked & (lot < 0.9)], [mask_id, others], ids)


def _asked():
    rng = np.random.default_rng(72)
    return [
        Case((3 * rng.normal(size=(*shape, V)), rng.integers(1, V, shape), _some(rng, shape)), f"{shape} tokens, V {V}")
        for shape, V in (((2, 5), 6), ((3, 4), 9))
    ]


def _some(rng, shape):
    return rng.permutation(np.arange(np.prod(shape)) < np.prod(shape) // 3).reshape(shape)


def _masked_loss(logits, ids, asked):
    return float(cross_entropy(logits[asked], ids[asked]))


def _own(logits, ids):
    """The log probability of each token, (B, T)."""
    return np.take_along_axis(log_softmax(logits), ids[..., None], axis=-1)[..., 0]


def _padded():
    rng = np.random.default_rng(73)
    return [
        Case((rng.normal(size=(len(lengths), T, D)), np.arange(T) < np.array(lengths)[:, None]), f"lengths {lengths}")
        for lengths, T, D in (((2, 4, 1), 4, 3), ((3, 5), 5, 2))
    ]


def _pairs():
    rng = np.random.default_rng(74)
    return [Case((rng.normal(size=(B, D)), rng.normal(size=(B, D)), t), f"{B} pairs, width {D}, temperature {t}")
            for B, D, t in ((4, 3, 0.5), (3, 5, 0.2))]  # fmt: skip


def _info_nce(anchors, positives, temperature):
    return float(contrastive.info_nce(unit(anchors), unit(positives), temperature))


def _scores(anchors, positives, temperature):
    return unit(anchors) @ unit(positives).T / temperature


def _without_own(anchors, positives, temperature):
    scores = _scores(anchors, positives, temperature)
    others = np.where(np.eye(len(scores), dtype=bool), -np.inf, scores)
    return (np.logaddexp.reduce(others, axis=1) - np.diagonal(scores)).mean()


def _columns_of_shifted(anchors, positives, temperature):
    scores = _scores(anchors, positives, temperature)
    scores = scores - scores.max(axis=1, keepdims=True)
    return (np.log(np.exp(scores).sum(axis=0)) - np.diagonal(scores)).mean()


def _marked():
    rng, cases = np.random.default_rng(75), []
    for B, D, margin in ((6, 3, 1.0), (4, 5, 0.9)):
        a, b = unit(rng.normal(size=(B, D))), unit(rng.normal(size=(B, D)))
        b[1] = unit(a[1] + 0.2 * b[1])  # different and nearer than the margin
        cases.append(Case((a, b, np.arange(B) % 2 == 0, margin), f"{B} pairs, margin {margin}"))
    return [Case((a, b, same.astype(int), margin), case.label) for case in cases for a, b, same, margin in [case.args]]


def _margin_loss(a, b, same, margin):
    return float(contrastive.margin(a, b, same, margin))


def _margin(of_same, of_different):
    """The margin loss with other terms: functions of the distances, and of margin - distances."""

    def margin_loss(a, b, same, margin):
        d = np.linalg.norm(a - b, axis=1)
        return np.where(same == 1, of_same(d), of_different(margin - d)).mean() / 2

    return margin_loss


EXERCISES = (
    Exercise(
        id="L7.1",
        title="Hide tokens 80/10/10",
        goal=(
            "Return what the model reads: <MASK>, another word or the word itself for asked tokens, the word for "
            "all others."
        ),
        accept=(
            "asked with a lot below 0.8 reads mask_id",
            "asked with 0.8 to 0.9 reads its other",
            "all else is unchanged",
        ),
        hints=(
            "Only asked tokens may change; `asked &` belongs into every condition.",
            "np.where(hidden, mask_id, ...) with a second np.where inside for the swapped ones.",
        ),
        right=_mask_tokens,
        cases=_hidden,
        mistakes=(
            Mistake("every asked token reads <MASK>; of these only 80 % do, 10 % read another word, 10 % themselves",
                    lambda ids, asked, lot, others, mask_id: np.where(asked, mask_id, ids)),
            Mistake("tokens that are not asked are changed too: 80/10/10 is of the asked ones",
                    lambda ids, asked, lot, others, mask_id: np.select([lot < 0.8, lot < 0.9], [mask_id, others], ids)),
            Mistake("nobody reads itself: a lot of 0.9 and above leaves the word as it is",
                    lambda ids, asked, lot, others, mask_id: np.select(
                        [asked & (lot < 0.8), asked], [mask_id, others], ids)),
            Mistake("no token reads another word: a lot from 0.8 to 0.9 swaps the word",
                    lambda ids, asked, lot, others, mask_id: np.where(asked & (lot < 0.8), mask_id, ids)),
        ),
        why=(
            "Since some words are wrong and some asked ones are true, the model must weigh every word against "
            "all others."
        ),
        outcome="can hide tokens 80/10/10 and say what share of a text reads <MASK>",
        page="training",
        film=5,
    ),
    Exercise(
        id="L7.2",
        title="The loss of the asked tokens",
        goal="Average -log p(true token) over the asked tokens only.",
        accept=("one number, in nats", "changing the logits of a token that is not asked changes nothing"),
        hints=(
            "logits[asked] keeps the rows of the asked tokens: (N, V); ids[asked] their true ids: (N,).",
            "Log softmax along the last axis: minus the maximum, then minus log of the sum of exponentials.",
            "Pick each row's own id with [np.arange(N), ids[asked]], and take minus the mean.",
        ),
        right=_masked_loss,
        cases=_asked,
        mistakes=(
            Mistake("the mean is over all positions; only asked tokens count",
                    lambda z, ids, asked: -_own(z, ids).mean()),
            Mistake("the sum over asked tokens is divided by all tokens; divide by the number asked",
                    lambda z, ids, asked: -(_own(z, ids) * asked).sum() / asked.size),
            Mistake("positions that are not asked count as id 0; they have no label and must be ignored",
                    lambda z, ids, asked: -_own(z, np.where(asked, ids, 0)).mean()),
            Mistake("the tokens that are not asked are counted, and the asked ones left out",
                    lambda z, ids, asked: -_own(z, ids)[~asked].mean()),
            Mistake("the log of the mean probability is taken; it is the mean of the logs",
                    lambda z, ids, asked: -np.log(np.exp(_own(z, ids)[asked]).mean())),
        ),
        why=(
            "What is visible can be copied; only what is hidden has to be understood. So only the hidden may be "
            "rewarded."
        ),
        outcome="can take the masked-token loss over the asked positions alone",
        page="training",
        film=6,
    ),
    Exercise(
        id="L7.3",
        title="Pool without padding",
        goal="Return the mean of each text's token vectors, padding left out.",
        accept=("returns (B, D)", "changing a vector at padding changes nothing"),
        hints=(
            "mask[..., None] has a last axis of 1, so it multiplies whole vectors: padding becomes 0.",
            "Divide the sum over tokens by how many tokens the text has, not by T.",
        ),
        right=pooling.mean,
        cases=_padded,
        mistakes=(
            Mistake("padding is counted in the mean", lambda hidden, mask: hidden.mean(axis=1)),
            Mistake("padding is zeroed but still counted: the sum is divided by T; divide by the text's own length",
                    lambda hidden, mask: (hidden * mask[..., None]).mean(axis=1)),
            Mistake("the sum is not divided by the number of tokens",
                    lambda hidden, mask: (hidden * mask[..., None]).sum(axis=1)),
            Mistake("the first token's vector is taken; that is [CLS] pooling, not the mean",
                    lambda hidden, mask: hidden[:, 0]),
        ),
        why="A text's vector must not depend on how long the other texts in its batch happen to be.",
        outcome="can pool tokens to a text vector with the padding mask",
        page="meaning",
        film=4,
    ),
    Exercise(
        id="L7.4",
        title="InfoNCE",
        goal="Write the loss of picking each anchor's own positive among all in the batch.",
        accept=(
            "one number, in nats",
            "rows are brought to length 1",
            "identical, mutually orthogonal pairs give nearly 0",
        ),
        hints=(
            "Divide each row by its length first; then a @ b.T holds all cosines, anchors in rows.",
            "Divide the cosines by the temperature: the smaller it is, the sharper the choice.",
            "Log softmax along each row; the right answers are on the diagonal.",
        ),
        right=_info_nce,
        cases=_pairs,
        mistakes=(
            Mistake("the cosines are multiplied by the temperature; divide by it",
                    lambda a, b, t: _info_nce(a, b, 1 / t)),
            Mistake("rows are not brought to length 1, so long vectors win",
                    lambda a, b, t: -np.diagonal(log_softmax(a @ b.T / t)).mean()),
            Mistake("the diagonal is left out of the softmax; the right answer is one of the choices", _without_own),
            Mistake("the label of every anchor is 0; anchor i belongs to positive i, the diagonal",
                    lambda a, b, t: -log_softmax(_scores(a, b, t))[:, 0].mean()),
            Mistake("the softmax runs over the anchors (columns); each anchor chooses along its row",
                    lambda a, b, t: _info_nce(b, a, t)),
            Mistake("the softmax runs over the anchors: the powers are summed along axis 0; each anchor has a row",
                    _columns_of_shifted),
            Mistake("the temperature is not used", lambda a, b, t: _info_nce(a, b, 1.0)),
        ),
        why=(
            "One matrix product gives every pair and all strangers at once: B pairs make B · (B - 1) comparisons "
            "for free."
        ),
        outcome="can write InfoNCE and say what temperature and in-batch negatives do",
        page="meaning",
        film=6,
    ),
    Exercise(
        id="L7.5",
        title="The margin loss",
        goal="Pull the same together and push the different apart, up to the margin.",
        accept=(
            "one number",
            "different pairs farther than the margin cost nothing",
            "as hornbook.reference.contrastive.margin",
        ),
        hints=(
            "d is the length of a - b, row by row.",
            "np.where(same == 1, d², shortfall²) chooses; the shortfall is np.maximum(margin - d, 0).",
        ),
        right=_margin_loss,
        cases=_marked,
        mistakes=(
            Mistake("same and different are swapped: the same are pulled together, the different pushed apart",
                    lambda a, b, same, margin: _margin_loss(a, b, 1 - same, margin)),
            Mistake("the shortfall is not cut at 0: pairs beyond the margin are pulled back",
                    _margin(lambda d: d**2, lambda short: short**2)),
            Mistake("the squares are missing", _margin(lambda d: d, lambda short: np.maximum(short, 0))),
            Mistake("different pairs are not looked at: pulling alone makes all vectors one",
                    _margin(lambda d: d**2, lambda short: 0 * short)),
        ),
        why=(
            "Without the push all vectors could shrink to one point and cost nothing; without the margin it "
            "would never end."
        ),
        outcome="can write the margin loss, and say that a threshold is fitted afterwards",
        page="meaning",
        film=6,
    ),
)
