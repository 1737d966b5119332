"""Which objective a sentence encoder's run has, by the model's word, or by what people marked."""

from contextlib import suppress

import numpy as np

from hornbook.errors import HornbookError
from hornbook.labelled_pairs import load_marked
from hornbook.reference.masking import Vocabulary
from hornbook.training.objectives import APART, Contrastive, Labelled, Marked, Masked, Reading
from hornbook.training.pairs import Batches, Lengths, Places, Source

ENDS = (".", "!", "?")


def objectives_of(trainer):
    """(objective, the same on what is held out, or None) of a `SentenceTrainer` whose token files are written."""
    make = labelled if "marked" in trainer.about else OBJECTIVES[trainer.model]
    learnt, validation = make(trainer, "train"), None
    with suppress(HornbookError):  # too little is held out to make a batch of: the last weights are kept
        validation = make(trainer, "validation")
    return learnt, validation


def contrastive(trainer, part):
    """InfoNCE on pairs that the text itself makes."""
    chosen = trainer.sentences
    if chosen.pairs == "dropout" and not trainer.config.dropout:
        raise HornbookError("pairs of dropout need some: --set dropout=0.1.")
    places = _places(trainer, part, chosen.pairs)
    size, seed = trainer.settings.batch_size, trainer.settings.seed
    if part != "train":
        size, seed = max(2, min(size, len(places.source.stream) // (2 * chosen.longest))), seed + APART
    return Contrastive(Batches(places, chosen.pairs, size, seed), _reading(trainer), chosen.temperature)


def masked(trainer, part):
    """The surprise at masked tokens."""
    tokenizer, settings = trainer.tokenizer, trainer.settings
    vocabulary = Vocabulary(tokenizer.vocab_size, tokenizer.special_ids, tokenizer.mask)
    seed = settings.seed + (APART if part != "train" else 0)
    return Masked(_places(trainer, part), vocabulary, _reading(trainer), settings.batch_size, seed)


def labelled(trainer, part):
    """A loss on marked pairs; documents of the token file are their texts, a row's columns one after another."""
    about, source = trainer.about["marked"], _source(trainer, part)
    starts = np.flatnonzero(np.asarray(source.stream) == source.bos)
    ends = np.append(starts[1:], len(source.stream))
    most = trainer.config.block_size - 2
    spans = np.stack([starts + 1, np.minimum(ends, starts + 1 + most)], 1).reshape(-1, about["columns"], 2)
    if len(spans) == 0:
        raise HornbookError(f"no pairs are left for {part}.")
    numbers = load_marked(trainer.folder, part)[1][: len(spans)].astype(np.float32)
    labels = None if about["loss"] in ("info_nce", "triplet") else numbers
    seed = trainer.settings.seed + (APART if part != "train" else 0)
    return Labelled(Marked(source, spans, labels), _reading(trainer), about["loss"], trainer.settings.batch_size, seed)


OBJECTIVES = {"mlm": masked, "contrastive": contrastive}


def _places(trainer, part, pairs="halves"):
    chosen = trainer.sentences
    longest = min(chosen.longest, trainer.config.block_size - 2)
    return Places(_source(trainer, part), Lengths(min(chosen.shortest, longest), longest, chosen.apart), pairs)


def _source(trainer, part):
    tokenizer = trainer.tokenizer
    if None in (tokenizer.bos, tokenizer.eos, tokenizer.pad):
        raise HornbookError("a sentence encoder needs a vocabulary with <BOS>, <EOS> and <PAD>.")
    stream = trainer.tokens(part)
    ends = tuple(id_ for mark in ENDS if (id_ := tokenizer.id_of(mark)) is not None)
    return Source(stream, tokenizer.bos, tokenizer.eos, tokenizer.pad, ends)


def _reading(trainer):
    return Reading(trainer.sentences.pooling, trainer.settings.precision)
