"""Masked tokens: which tokens of a text a model is asked for, and what it reads in their place.

Devlin et al. 2018 (BERT), arXiv 1810.04805: of 15 % of the tokens that are asked for, 80 % read <MASK>, 10 % any other
token, 10 % themselves, so that the model cannot know which of the words it sees are true.
"""

import numpy as np

from hornbook.errors import HornbookError
from hornbook.trace import see

SHARE = 0.15  # of the tokens are asked for
MASKED, RANDOM = 0.8, 0.1  # of these read <MASK>, and a random token; the others stay


def masked(ids, vocabulary, rng, share=SHARE):
    """(inputs, asked): the ids a model reads, and True where it is to say which token stood there.

    ids of any shape. Each word is asked for with the probability `share`; specials never are, nor drawn in place of
    another. `vocabulary` is a `Vocabulary`. Sees `ids`, `asked`, `inputs`. The model's loss is
    −mean log softmax(logits)[ids] over those asked for. Also called masked language modelling, the Cloze task.
    """
    if not 0 < share < 1:
        raise HornbookError(f"a share of {share} of the tokens cannot be asked for; it lies between 0 and 1.")
    is_word = np.ones(vocabulary.size, bool)
    is_word[list(vocabulary.specials)] = False
    asked = see("asked", (rng.random(see("ids", ids).shape) < share) & is_word[ids])
    lot, words = rng.random(ids.shape), np.flatnonzero(is_word)
    others = words[rng.integers(len(words), size=ids.shape)]
    inputs = np.where(asked & (lot < MASKED), vocabulary.mask, ids)
    return see("inputs", np.where(asked & (lot >= MASKED) & (lot < MASKED + RANDOM), others, inputs)), asked


class Vocabulary:
    """What masking needs to know of one: its `size`, the ids of its `specials`, and which of them is `mask`.

    Raises HornbookError where there is no <MASK>, or nothing but specials.
    """

    def __init__(self, size, specials, mask):
        if mask is None or len(set(specials)) >= size:
            lacks = "no <MASK>" if mask is None else "nothing but specials"
            raise HornbookError(f"this vocabulary has {lacks}; masked tokens need <MASK>, and words to ask for.")
        self.size, self.specials, self.mask = size, specials, mask


if __name__ == "__main__":
    line = "it was on a dreary night of november that i beheld"
    words = ["<PAD>", "<UNK>", "<BOS>", "<EOS>", "<MASK>", *line.split()]
    text = np.array([2, *range(5, len(words)), 3])
    for seed in range(4):
        read, wanted = masked(text, Vocabulary(len(words), range(5), 4), np.random.default_rng(seed))
        print("reads", *(words[id_] for id_ in read), "\nasked", *(words[id_] for id_ in text[wanted]), end="\n\n")
