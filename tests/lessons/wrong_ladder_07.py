"""Written wrong answers to ladder notebook 07, each with a piece of the diagnosis it must get."""

import numpy as np


# -- L7.1
def mask_all_asked(ids, asked, lot, others, mask_id):
    out = ids.copy()
    out[asked] = mask_id
    return out


def mask_anybody(ids, asked, lot, others, mask_id):
    out = np.where(lot < 0.9, others, ids)
    out[lot < 0.8] = mask_id
    return out


def mask_never_kept(ids, asked, lot, others, mask_id):
    out = np.where(asked, others, ids)
    out[asked & (lot < 0.8)] = mask_id
    return out


def mask_never_swapped(ids, asked, lot, others, mask_id):
    out = ids.copy()
    out[asked & (lot < 0.8)] = mask_id
    return out


# -- L7.2
def surprise(logits, ids):
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    B, T = ids.shape
    return -np.log(p[np.arange(B)[:, None], np.arange(T), ids])


def loss_everywhere(logits, ids, asked):
    return np.mean(surprise(logits, ids))


def loss_by_all(logits, ids, asked):
    return surprise(logits, ids)[asked].sum() / ids.size


def loss_label_zero(logits, ids, asked):
    labels = np.zeros_like(ids)
    labels[asked] = ids[asked]
    return surprise(logits, labels).mean()


def loss_of_the_rest(logits, ids, asked):
    return surprise(logits, ids)[np.logical_not(asked)].mean()


def loss_log_outside(logits, ids, asked):
    return -np.log(np.mean(np.exp(-surprise(logits, ids)[asked])))


# -- L7.3
def pool_padding(hidden, mask):
    return hidden.sum(axis=1) / hidden.shape[1]


def pool_by_t(hidden, mask):
    return np.einsum("btd,bt->bd", hidden, mask) / mask.shape[1]


def pool_sum(hidden, mask):
    return np.einsum("btd,bt->bd", hidden, mask)


def pool_first(hidden, mask):
    return np.stack([rows[0] for rows in hidden])


# -- L7.4
def rows(x):
    return x / np.sqrt((x**2).sum(1, keepdims=True))


def nce(scores, right=None):
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    right = range(len(p)) if right is None else right
    return -np.mean([np.log(p[i, j]) for i, j in enumerate(right)])


def nce_multiplied(anchors, positives, temperature):
    return nce(rows(anchors) @ rows(positives).T * temperature)


def nce_unnormalised(anchors, positives, temperature):
    return nce(anchors @ positives.T / temperature)


def nce_without_own(anchors, positives, temperature):
    e = np.exp(rows(anchors) @ rows(positives).T / temperature)
    own = np.diag(e)
    return -np.log(own / (e.sum(axis=1) - own)).mean()


def nce_label_zero(anchors, positives, temperature):
    return nce(rows(anchors) @ rows(positives).T / temperature, [0] * len(anchors))


def nce_columns(anchors, positives, temperature):
    e = np.exp(rows(anchors) @ rows(positives).T / temperature)
    return -np.log(np.diag(e / e.sum(axis=0))).mean()


def nce_columns_of_shifted(anchors, positives, temperature):
    scores = rows(anchors) @ rows(positives).T / temperature
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return -np.log(np.diag(e / e.sum(axis=0))).mean()


def nce_no_temperature(anchors, positives, temperature):
    return nce(rows(anchors) @ rows(positives).T)


# -- L7.5
def apart(a, b):
    return np.sqrt(((a - b) ** 2).sum(axis=1))


def margin_swapped(a, b, same, margin):
    d = apart(a, b)
    return 0.5 * np.mean((1 - same) * d**2 + same * np.clip(margin - d, 0, None) ** 2)


def margin_uncut(a, b, same, margin):
    d = apart(a, b)
    return 0.5 * np.mean(same * d**2 + (1 - same) * (margin - d) ** 2)


def margin_unsquared(a, b, same, margin):
    d = apart(a, b)
    return 0.5 * np.mean(same * d + (1 - same) * np.clip(margin - d, 0, None))


def margin_pull_only(a, b, same, margin):
    return 0.5 * np.mean(same * apart(a, b) ** 2)


WRONG = {
    "L7.1": [
        (mask_all_asked, "every asked token reads <MASK>"),
        (mask_anybody, "not asked are changed too"),
        (mask_never_kept, "nobody reads itself"),
        (mask_never_swapped, "no token reads another word"),
    ],
    "L7.2": [
        (loss_everywhere, "over all positions"),
        (loss_by_all, "divided by all tokens"),
        (loss_label_zero, "count as id 0"),
        (loss_of_the_rest, "asked ones left out"),
        (loss_log_outside, "mean of the logs"),
    ],
    "L7.3": [
        (pool_padding, "padding is counted"),
        (pool_by_t, "zeroed but still counted"),
        (pool_sum, "not divided"),
        (pool_first, "first token"),
    ],
    "L7.4": [
        (nce_multiplied, "multiplied by the temperature"),
        (nce_unnormalised, "not brought to length 1"),
        (nce_without_own, "diagonal is left out"),
        (nce_label_zero, "every anchor is 0"),
        (nce_columns, "over the anchors (columns)"),
        (nce_columns_of_shifted, "summed along axis 0"),
        (nce_no_temperature, "temperature is not used"),
    ],
    "L7.5": [
        (margin_swapped, "swapped"),
        (margin_uncut, "not cut at 0"),
        (margin_unsquared, "squares are missing"),
        (margin_pull_only, "pulling alone"),
    ],
}
