"""Static encoders: token vectors taken from a finished encoder, so that texts become vectors without torch."""

import json
import shutil
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hornbook import run as files
from hornbook.corpus import load
from hornbook.encoder import TextEncoder
from hornbook.errors import HornbookError, nearest
from hornbook.fast.static import Static
from hornbook.files import write_text
from hornbook.passages import WORDS, cut
from hornbook.reference.static import WEIGHTINGS, Config, principal, without
from hornbook.tokenizer import Tokenizer
from hornbook.training import tokens
from hornbook.training.rounds_job import save_arrays

DIMENSIONS = 256
A = {"sif": 1e-3, "zipf": 1e-4, "equal": 1.0}  # what did best on STS-B, see docs/decisions/0016
MOST_PASSAGES = 2000  # held-out ones that are kept: more say the same
UNUSED = "[unused"  # how BERT's vocabularies call the tokens that they keep free
AT_ONCE = 2048  # tokens that the encoder reads at a time


class Distilled(NamedTuple):
    """What a static encoder is made of: its network and tokenizer, and the share of variance that PCA kept."""

    network: Static
    tokenizer: Tokenizer
    kept: float | None


def distill(source, out, corpus=None, vocabulary="tokens", settings=None, watch=None, overwrite=False):
    """Make a static encoder of `source` and write it to the run folder `out`; returns it as a TextEncoder.

    `source` is a run folder, a folder of sentence-transformers or "minilm". A word2vec run gives its words with their
    weights, and the direction that texts share is taken out of the rows. Of any other encoder each token is read alone:
    its own (`vocabulary` "tokens"), or the words of `corpus` ("words"). `corpus` also says how frequent tokens are and
    what the encoder is measured on. `settings` may hold `embedding_dim` (256, or what there is, where that is less),
    `weighting` ("sif"; without a corpus "zipf") and its `a` (0.001; 0.0001). `watch(done, of)` is told how far it is. A
    folder that holds a run is refused, or with `overwrite` begun anew.
    """
    began, folder = time.perf_counter(), Path(out)
    if vocabulary not in VOCABULARIES:
        raise HornbookError(f'there is no vocabulary "{vocabulary}".{nearest(vocabulary, VOCABULARIES)}')
    settings = {name: value for name, value in (settings or {}).items() if value is not None}
    Config(1, **settings)  # which says so where a setting is wrong
    opened = Source.open(source)
    corpus = load(corpus) if isinstance(corpus, str | Path) else corpus
    with files.beginning(folder, overwrite):
        tokenizer = VOCABULARIES[vocabulary](opened, corpus)
        tokenizer.save(folder / files.TOKENIZER)
        about = {"model": "static", "tokenizer": tokenizer.kind, "distilled": {"from": str(source)},
                 "settings": {"passage": opened.passage}} | _text(folder, corpus, tokenizer, opened)  # fmt: skip
        counts = _counts(folder, tokenizer)
        made = _made(opened, tokenizer, vocabulary, counts, settings, watch or (lambda done, of: None))
        about["config"] = vars(made.network.config)
        about["distilled"] |= {"vocabulary": vocabulary, "variance_kept": made.kept}
        save_arrays(folder / files.MODEL, made.network.export())
        files.write_config(folder, **about)
        return _finished(folder, about, time.perf_counter() - began)


def _own_tokens(opened, corpus):
    return opened.tokenizer


def _words_of(opened, corpus):
    if corpus is None:
        raise HornbookError('vocabulary "words" are the words of a text: name one with --corpus.')
    return Tokenizer.train((text for part, _, text in corpus.parts() if part == "train"), "terms")


VOCABULARIES = {"tokens": _own_tokens, "words": _words_of}


class Source:
    """A finished encoder to distil: its `tokenizer`, its run's `folder`, and `reader` where it reads tokens by ids."""

    def __init__(self, encoder, folder=None):
        self.encoder, self.tokenizer, self.folder = encoder, encoder.tokenizer, folder
        self.about = encoder.about or {}
        self.passage = self.about.get("settings", {}).get("passage", WORDS)
        self.reader = _reader(encoder.network) if hasattr(encoder.network, "encode_texts") else None

    @classmethod
    def open(cls, source):
        """A run folder, "minilm", or a folder in the format of sentence-transformers."""
        return cls(TextEncoder.load(source), Path(source))

    def vectors(self, ids, tokenizer, watch):
        """(len(ids), H) float32: what the encoder says to each of the tokens of `tokenizer`, read alone."""
        parts = []
        for start in range(0, len(ids), AT_ONCE):
            watch(start, len(ids))
            parts.append(self._some(ids[start : start + AT_ONCE], tokenizer))
        watch(len(ids), len(ids))
        return np.concatenate(parts)

    def _some(self, ids, tokenizer):
        if tokenizer is self.tokenizer and self.reader:  # pieces of words cannot be written as a text
            from hornbook.fast.encode import Group

            around = [one for one in (tokenizer.bos, tokenizer.eos) if one is not None]
            rows = np.insert(np.tile(around, (len(ids), 1)), 1, ids, axis=1)
            return self.reader.read(rows.ravel().astype(np.int64), [Group(0, *rows.shape)])
        found = self.encoder.encode(tokenizer.tokens(ids))
        return found if isinstance(found, np.ndarray) else found.toarray()


def _reader(network):
    """A transformer's reader whose vectors keep the lengths that pooling gives them."""
    from hornbook.fast.encode import Encoder

    reading = network.reading._replace(normalize=False, precision="float32")  # what is kept for good is exact
    return Encoder(network.config, network.parameters, network.encoder.tokenizer, reading)


def _text(folder, corpus, tokenizer, opened):
    """Write the text that tokens are counted on and passages held out of: {"corpus": what it is}.

    Of a run whose tokenizer stays, it is the run's own text, where no other is named.
    """
    if corpus is None:
        if not (opened.folder / files.TOKENS["train"]).exists():
            return {}
        for name in (files.PASSAGES, *files.TOKENS.values()):
            if (opened.folder / name).exists():
                shutil.copyfile(opened.folder / name, folder / name)
        return {"corpus": opened.about["corpus"]}
    held_out = []
    paths = {part: folder / name for part, name in files.TOKENS.items()}
    characters = tokens.write_streams(_parts(corpus, held_out, opened.passage), tokenizer, paths)
    every = max(1, -(-len(held_out) // MOST_PASSAGES))
    lines = (json.dumps({"text": text}, ensure_ascii=False) for text in held_out[::every])
    write_text(folder / files.PASSAGES, "".join(f"{line}\n" for line in lines))
    said = {"name": corpus.name, "source": corpus.source, "sha256": corpus.sha256, "characters": characters}
    return {"corpus": said}


def _parts(corpus, held_out, words):
    for part, opens, text in corpus.parts():
        if part == "validation":
            held_out += [passage.text for passage in cut(text, words)]
        yield part, opens, text


def _counts(folder, tokenizer):
    """How often each token occurs in the training text; None where there is none."""
    if not (folder / files.TOKENS["train"]).exists():
        return None
    stream = tokens.read_stream(folder / files.TOKENS["train"], tokenizer.vocab_size)
    counts = np.bincount(stream, minlength=tokenizer.vocab_size)
    counts[tokenizer.special_ids] = 0
    return counts


def _made(opened, tokenizer, vocabulary, counts, settings, watch):
    model = opened.encoder.kind
    if model == "word2vec" and vocabulary == "tokens":
        return _of_words(opened.encoder, tokenizer, settings)
    if opened.reader is None and vocabulary == "tokens":
        raise HornbookError(f"{model} has no tokens that could be read alone: word2vec and encoders have."
                            " --vocabulary words --corpus TEXT reads words instead.")  # fmt: skip
    weighting = settings.get("weighting", "zipf" if counts is None else "sif")
    if counts is None and weighting == "sif":
        raise HornbookError('weighting "sif" needs counts: name a text with --corpus. "zipf" needs none.')
    named = enumerate(tokenizer.tokens(range(tokenizer.vocab_size)))
    ids = np.array([id_ for id_, token in named if id_ not in tokenizer.special_ids and not token.startswith(UNUSED)])
    found = opened.vectors(ids, tokenizer, watch).astype(np.float64)
    most = min(DIMENSIONS, found.shape[1], len(found) - 1)
    usual = {"embedding_dim": most, "weighting": weighting, "a": A[weighting]}
    config = Config(tokenizer.vocab_size, **usual | settings)
    wte = np.zeros((config.vocab_size, config.embedding_dim))
    wte[ids] = principal(found, config.embedding_dim)
    kept = float((wte**2).sum() / ((found - found.mean(axis=0)) ** 2).sum())
    met = np.isin(np.arange(config.vocab_size), ids) if counts is None else counts
    weights = WEIGHTINGS[weighting](met, config.a)
    return Distilled(Static(config, wte.astype(np.float32), weights.astype(np.float32), counts), tokenizer, kept)


def _of_words(encoder, tokenizer, settings):
    """The words of a word2vec run: nothing is read, as each word has its vector."""
    if settings:
        raise HornbookError(f"a word2vec run keeps its own vectors and weights: leave out {', '.join(settings)}.")
    network = encoder.network
    wte = np.asarray(network.vectors, np.float32)
    if network.direction is not None:
        wte = without(network.direction, wte)
    config = Config(tokenizer.vocab_size, wte.shape[1], "sif")
    return Distilled(Static(config, wte.astype(np.float32), network.weights, network.counts), tokenizer, None)


def _finished(folder, about, seconds):
    """Measure what was made on the held-out passages, and write its card and config; returns the TextEncoder."""
    from hornbook.encoder_card import write_card

    encoder = TextEncoder.load(folder)
    numbers = int(sum(array.size for array in encoder.network.export().values()))
    about["results"] = encoder.about["results"] = {
        "seconds": seconds, "parameters": numbers, "dimensions": encoder.network.config.embedding_dim,
    }  # fmt: skip
    if "corpus" in about:
        write_card(folder, about, encoder)
    else:
        about["results"]["unmeasured"] = "no text was named to measure it on; --corpus names one."
        write_text(folder / files.CARD, _card(folder.name, about))
    files.write_config(folder, **about)
    return encoder


def _card(name, about):
    results, config = about["results"], about["config"]
    return (f"# {name}: static, distilled from {about['distilled']['from']}\n\n"
            f"{config['vocab_size']:,} tokens of {config['embedding_dim']} numbers, weighted by {config['weighting']},"
            f" made in {results['seconds']:.1f} s.\n\nNothing was measured: {results['unmeasured']}\n")  # fmt: skip
