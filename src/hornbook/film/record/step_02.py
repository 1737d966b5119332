"""Step 2: one text cut into characters, words and pieces; vocabularies, what they lack, and what long texts cost."""

from collections import Counter

import numpy as np

from hornbook.film.record.runs import LM, about, frankenstein
from hornbook.reference import bpe
from hornbook.tokenizer import Tokenizer

TEXT = "The moonlight frightened my father."
UNKNOWN = "The cat sat on the grass"
HELLO = "Hello world"
PADDED = ["I saw the face of my father", "my friend", "the light of the moon"]
KINDS = ("characters", "bpe", "wordpiece", "words")
SIZES = (500, 1000, 2000, 4000, 6000, 10_000)
MERGES = 8


def record(keep):
    corpus = frankenstein()
    run = keep.run("tokens", about(corpus, "tokenizers", {"vocab_size": LM["vocab_size"]}, 0))
    split = corpus.split()
    made = {kind: learnt(kind, split.train) for kind in KINDS}
    _cuts(keep, run, made, split.validation)
    _vocabulary(keep, run, made["words"], split.train)
    _sizes(keep, run, split)
    _merges(keep, run, split.train)
    _unknown_and_special(keep, run, made["words"])
    for kind in ("words", "bpe"):
        _cut(keep, run, f"tokens.hello.{kind}", made[kind], HELLO)
    keep("tokens.hello.text", HELLO, "the example of many books", run)


def learnt(kind, texts, vocab_size=None):
    """A tokenizer of the film: of `vocab_size` entries, or as many as its language model has."""
    size = None if kind == "characters" else vocab_size or LM["vocab_size"]
    return Tokenizer.train(texts, kind, vocab_size=size)


def shown(tokens):
    """Tokens as a person reads them: blanks as ␣."""
    return [token.replace("Ġ", "␣").replace(" ", "␣") for token in tokens]


def _cut(keep, run, name, tokenizer, text):
    ids = tokenizer.encode(text)
    keep(f"{name}.pieces", shown(tokenizer.tokens(ids)), f"{text!r}, cut", run)
    keep(f"{name}.ids", ids, "their rows in the vocabulary", run)
    keep(f"{name}.count", len(ids), "how many there are", run)


def _cuts(keep, run, made, held_out):
    keep("tokens.text", TEXT, "the sentence that is cut", run)
    lengths = [len(tokenizer.encode_all(held_out, bos=False)) for tokenizer in made.values()]
    characters = sum(map(len, held_out))
    for kind, tokenizer in made.items():
        _cut(keep, run, f"tokens.{kind}", tokenizer, TEXT)
        keep(f"tokens.{kind}.vocab_size", tokenizer.vocab_size, "entries of its vocabulary, 5 specials included", run)
    keep("tokens.kinds", list(made), "ways to cut", run)
    keep("tokens.sizes", [tokenizer.vocab_size for tokenizer in made.values()], "entries of each vocabulary", run)
    keep("tokens.lengths", lengths, "tokens of the held-out text, by kind", run)
    keep("tokens.characters_per_token", [characters / length for length in lengths], "of the held-out text", run)
    keep("tokens.held_out.characters", characters, "characters of the held-out text", run)


def _vocabulary(keep, run, tokenizer, texts):
    counts = Counter(token for text in texts for token in words_of(text))
    most = sorted(counts, key=lambda word: (-counts[word], word))[:8]
    keep("tokens.vocabulary.words", most, "the most frequent words and marks of the training text", run)
    keep("tokens.vocabulary.counts", [counts[word] for word in most], "how often they occur", run)
    keep("tokens.vocabulary.ids", [tokenizer.id_of(word) for word in most], "their rows in the vocabulary", run)
    keep("tokens.distinct", len(counts), "different words and marks of the training text", run)
    keep("tokens.total", counts.total(), "words and marks of the training text in all", run)
    keep("tokens.once", sum(count == 1 for count in counts.values()), "words that occur once in it", run)


def words_of(text):
    """The words and marks of a text, as the tokenizer of words cuts it."""
    backend = Tokenizer.train([text], "words", vocab_size=10**6).backend
    return [word for word, _ in backend.pre_tokenizer.pre_tokenize_str(text)]


def _sizes(keep, run, split):
    shares, entries, lengths = [], [], []
    for size in SIZES:
        tokenizer = learnt("words", split.train, size)
        ids = tokenizer.encode_all(split.validation, bos=False)
        shares.append(float((ids == tokenizer.unk).mean()))
        entries.append(tokenizer.vocab_size)
        lengths.append(len(learnt("bpe", split.train, size).encode_all(split.validation, bos=False)))
    keep("tokens.unknown.sizes", SIZES, "most entries a vocabulary of words may have", run)
    keep("tokens.unknown.entries", entries, "entries it then has: the text has no more words", run)
    keep("tokens.unknown.shares", shares, "share of the held-out words that it lacks: <UNK>", run)
    keep("tokens.bpe.curve.sizes", SIZES, "most entries a vocabulary of byte pairs may have", run)
    keep("tokens.bpe.curve.lengths", lengths, "tokens of the held-out text with it", run)


def _merges(keep, run, texts):
    merges, vocabulary = bpe.train(texts, len(bpe.BYTES) + MERGES)
    name = lambda id_: vocabulary[id_].decode().replace(" ", "␣")
    for side in ("left", "right", "made"):
        keep(f"tokens.merges.{side}", [name(getattr(merge, side)) for merge in merges],
             "BPE's first merges, of the training text: left + right become made", run)  # fmt: skip
    keep("tokens.merges.counts", [merge.count for merge in merges], "how often the two stood side by side", run)


def _unknown_and_special(keep, run, tokenizer):
    keep("tokens.unknown.text", UNKNOWN, "a sentence with words that the vocabulary lacks", run)
    _cut(keep, run, "tokens.unknown", tokenizer, UNKNOWN)
    specials = tokenizer.tokens(tokenizer.special_ids)
    keep("tokens.specials", specials, "the special tokens; <BOS> is the document's <START>, <EOS> its <END>", run)
    keep("tokens.special_ids", tokenizer.special_ids, "their rows in the vocabulary", run)
    rows = [[tokenizer.bos, *tokenizer.encode(text), tokenizer.eos] for text in PADDED]
    longest = max(map(len, rows))
    padded = np.array([row + [tokenizer.pad] * (longest - len(row)) for row in rows])
    keep("tokens.padded.texts", PADDED, "three texts of different length", run)
    keep("tokens.padded.ids", padded, "<BOS> text <EOS> <PAD> …: one length", run)
    keep("tokens.padded.pieces", [" ".join(tokenizer.tokens(row)) for row in padded], "the same as words", run)
