"""The kinds of tokenizer in one table: how each learns its vocabulary, and how `tokenizers` encodes with it."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from hornbook.errors import HornbookError
from hornbook.fast import terms
from hornbook.reference.bpe import BYTE_OF_LETTER
from hornbook.reference.wordpiece import CONTINUES

EVERY_CHARACTER = r"[\s\S]"
EVERY_WORD = r"\w+(?:['’]\w+)*|[^\w\s]"  # don't is one word; a mark stands alone; white space goes
UNKNOWN = "<UNK>"


@dataclass(frozen=True)
class Kind:
    """One kind; `learn(texts, room, min_count)` gives tokens in order of id, and merges; `assemble` a tokenizer."""

    meaning: str
    learn: Callable
    assemble: Callable  # (token -> id, merges) -> tokenizers.Tokenizer
    text_of: Callable  # token -> the bytes it adds to a decoded text
    vocab_size: int | None  # the defaults
    min_count: int
    reads_once: bool = False  # `learn` takes the texts one by one, so that they need not be in memory


# -- characters, words ------------------------------------------------------------------------------------------------


def learn_characters(texts, room, min_count):
    """The most frequent characters, in the order of their code points."""
    counts = Counter()
    for text in texts:
        counts.update(text)
    often = sorted(
        (character for character in counts if counts[character] >= min_count),
        key=lambda character: (-counts[character], character),
    )
    return sorted(often[:room]), []


def learn_words(texts, room, min_count):
    """The most frequent words, in the order of their counts; of equals, in the order of the alphabet."""
    backend = assemble_words({})
    _train(backend, texts, trainers.WordLevelTrainer, room, min_count)
    return _by_id(backend), []


def learn_terms(texts, room, min_count):
    """The most frequent lower-cased words; of equals, in the order of the alphabet."""
    counts = terms.count(texts)
    often = (word for word in counts if counts[word] >= min_count)
    return sorted(often, key=lambda word: (-counts[word], word))[:room], []


def assemble_characters(id_of, _merges=()):
    return _assemble(
        models.WordLevel(id_of, unk_token=UNKNOWN),
        pre_tokenizers.Split(Regex(EVERY_CHARACTER), "isolated"),
        decoders.Fuse(),
    )


def assemble_words(id_of, _merges=()):
    return _assemble(
        models.WordLevel(id_of, unk_token=UNKNOWN), pre_tokenizers.Split(Regex(EVERY_WORD), "removed", invert=True)
    )


def assemble_terms(id_of, _merges=()):
    normalizer, pre_tokenizer = terms.pipeline()
    backend = _assemble(models.WordLevel(id_of, unk_token=UNKNOWN), pre_tokenizer)
    backend.normalizer = normalizer
    return backend


# -- merged from smaller ones -----------------------------------------------------------------------------------------


def learn_bpe(texts, room, min_count):
    """The 256 bytes, then what they merge into; see `reference.bpe`."""
    _check_room(room, 256, "256 bytes")
    backend = assemble_bpe({}, [])
    _train(backend, texts, trainers.BpeTrainer, room, min_count, initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    return _by_id(backend), [tuple(pair) for pair in json.loads(backend.to_str())["model"]["merges"]]


def learn_wordpiece(texts, room, min_count):
    """The pieces of one character, then what they merge into; see `reference.wordpiece`.

    `tokenizers` numbers ##pieces in the order of a hash table, which decides ties: left alone, it learns another
    vocabulary in every run. So its first pass only collects the alphabet, and the second is given it in order.
    """
    backend = assemble_wordpiece({})
    _train(backend, texts, trainers.WordPieceTrainer, 0, min_count)
    alphabet = sorted(backend.get_vocab(), key=lambda piece: (len(piece) > 1, piece))
    _check_room(room, len(alphabet), f"{len(alphabet):,} characters, as starts and as ##continuations,")
    backend = assemble_wordpiece({})
    _train(backend, texts, trainers.WordPieceTrainer, room, min_count, special_tokens=alphabet)
    return _by_id(backend), []


def assemble_bpe(id_of, merges):
    return _assemble(models.BPE(id_of, merges), pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel())


def assemble_wordpiece(id_of, _merges=()):
    return _assemble(
        models.WordPiece(id_of, unk_token=UNKNOWN, continuing_subword_prefix=CONTINUES),
        pre_tokenizers.BertPreTokenizer(),
        decoders.WordPiece(CONTINUES, cleanup=False),
    )


# -- shared -----------------------------------------------------------------------------------------------------------


def _assemble(model, pre_tokenizer, decoder=None):
    """Specials are in the vocabulary only: as `added_tokens` they would be found in any text that names them."""
    backend = Tokenizer(model)
    backend.pre_tokenizer = pre_tokenizer
    if decoder is not None:
        backend.decoder = decoder
    return backend


def _train(backend, texts, trainer, room, min_count, **alphabet):
    settings = trainer(vocab_size=room, min_frequency=min_count, show_progress=False, **alphabet)
    backend.train_from_iterator(texts, settings)


def _by_id(backend):
    id_of = backend.get_vocab()
    return sorted(id_of, key=id_of.get)


def _check_room(room, needed, what):
    if room < needed:
        raise HornbookError(
            f"vocab_size is too small by {needed - room:,}: beside the specials there is room for"
            f" {room:,} tokens, but {what} come first."
        )


# -- what a token adds to a decoded text ------------------------------------------------------------------------------


def text_of_bytes(token):
    if not BYTE_OF_LETTER.keys() >= set(token):
        return token.encode()
    return bytes(BYTE_OF_LETTER[letter] for letter in token)


def text_of_word(token):
    return f" {token}".encode()


def text_of_piece(token):
    return (token.removeprefix(CONTINUES) if token.startswith(CONTINUES) else f" {token}").encode()


KINDS = {
    "characters": Kind("every character is a token", learn_characters, assemble_characters, str.encode, None, 1),
    "words": Kind("every word and every mark is a token", learn_words, assemble_words, text_of_word, 30_000, 1),
    "terms": Kind("lower-cased words, without marks", learn_terms, assemble_terms, text_of_word, 50_000, 2, True),
    "bpe": Kind(
        "bytes, merged pair by pair into frequent pieces, as in GPT-2", learn_bpe, assemble_bpe, text_of_bytes, 8_000, 2
    ),
    "wordpiece": Kind(
        "words cut into the longest pieces known, as in BERT",
        learn_wordpiece,
        assemble_wordpiece,
        text_of_piece,
        8_000,
        2,
    ),
}


def kind_of(state):
    """The kind that a tokenizer.json, as a dict, holds. Raises HornbookError where it is none of KINDS."""
    model, around = state["model"]["type"], json.dumps([state["pre_tokenizer"], state["decoder"]])
    if model == "WordPiece":
        return "wordpiece"
    if model == "WordLevel":
        if state["normalizer"] == {"type": "Lowercase"} and _split_pattern(state) == terms.PATTERN:
            return "terms"
        is_ours = state["normalizer"] is None and _split_pattern(state) == EVERY_CHARACTER
        return "characters" if is_ours else "words"
    if model == "BPE" and '"ByteLevel"' in around:
        return "bpe"
    raise HornbookError(
        f"it holds a {model} model{' that is not byte-level' if model == 'BPE' else ''};"
        " hornbook reads byte-level BPE, WordPiece and whole words."
    )


def _split_pattern(state):
    pre_tokenizer = state["pre_tokenizer"] or {}
    return pre_tokenizer.get("pattern", {}).get("Regex", "")


def is_plain_bpe(state):
    """Whether nothing but GPT-2's pattern and the merges decide, so that `fast.bpe` gives the same ids."""
    model, cut = state["model"], state["pre_tokenizer"] or {}
    changes = ("dropout", "continuing_subword_prefix", "end_of_word_suffix", "ignore_merges")
    return (
        model["type"] == "BPE"
        and not any(model[key] for key in changes)
        and cut.get("type") == "ByteLevel"
        and cut["use_regex"]
        and not cut["add_prefix_space"]
        and state["normalizer"] is None
        and all(token["special"] for token in state["added_tokens"])
    )
