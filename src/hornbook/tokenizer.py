"""Text to ids and back: characters, words, byte-level BPE, WordPiece behind one class, kept as a `tokenizer.json`."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
import tokenizers

from hornbook.errors import HornbookError, nearest
from hornbook.fast import characters, terms
from hornbook.files import write_text
from hornbook.reference.bpe import LETTER_OF_BYTE
from hornbook.tokenizer_kinds import KINDS, is_plain_bpe, kind_of

SPECIALS = ("<PAD>", "<UNK>", "<BOS>", "<EOS>", "<MASK>")
ROLES = {  # what a special token is for, and its names: ours, its other name, then those of other programs
    "pad": ("<PAD>", "[PAD]", "<pad>"),
    "unk": ("<UNK>", "[UNK]", "<unk>"),
    "bos": ("<BOS>", "<START>", "[CLS]", "<s>", "<|begin_of_text|>", "<|endoftext|>"),
    "eos": ("<EOS>", "<END>", "[SEP]", "</s>", "<|end_of_text|>", "<|endoftext|>"),
    "mask": ("<MASK>", "[MASK]", "<mask>"),
}
# No token that comes from text looks like this: every kind keeps < and > apart from letters.
SPECIAL_FORM = re.compile(r"<\S*\w\S*>")
HALF = re.compile("[\ud800-\udfff]")  # half of a surrogate pair: a str can hold one, Unicode text cannot
REPLACEMENT = "\ufffd"
BATCH = 1 << 20  # characters
WORTH_COMPILING = 1 << 21  # characters: `tokenizers` takes about as long for them as loading compiled code does


class Tokenizer:
    """Text to ids and back. `train` makes one from texts, `load` opens a file; `backend` is the `tokenizers` object.

    `pad`, `unk`, `bos`, `eos`, `mask` are ids, or None where the vocabulary has no such token; `special_ids` has all.
    `encode` never makes a special token out of text: a text that says "<BOS>" is five characters. A lone surrogate,
    half a character, is read as U+FFFD.
    """

    def __init__(self, backend: tokenizers.Tokenizer):
        backend.encode_special_tokens = True  # that is: what looks like one in the text is text
        backend.no_truncation()
        backend.no_padding()
        state = json.loads(backend.to_str())
        self.backend, self.kind, self._is_plain_bpe = backend, kind_of(state), is_plain_bpe(state)
        self._pairs, self._encoded = state["model"].get("merges", []), 0
        self._id_of = backend.get_vocab(with_added_tokens=True)
        self.vocab_size = max(self._id_of.values(), default=-1) + 1
        added = {token["id"] for token in state["added_tokens"] if token["special"]}
        self.special_ids = sorted(added | {id_ for token, id_ in self._id_of.items() if SPECIAL_FORM.fullmatch(token)})
        self.pad, self.unk, self.bos, self.eos, self.mask = map(self._first_of, ROLES.values())
        self._check()

    @classmethod
    def train(
        cls,
        texts: Iterable[str],
        kind: str = "characters",
        vocab_size: int | None = None,
        min_count: int | None = None,
        specials: Iterable[str] = SPECIALS,
        specials_last: bool = False,
    ):
        """Learn a vocabulary from `texts`: at most `vocab_size` tokens, specials included, each seen `min_count` times.

        `kind` is a word of `KINDS`, where the defaults are. Bytes (BPE) and single characters (WordPiece) are kept
        however rare. Specials are numbered first, or last: microgpt's vocabulary is ``specials=("<BOS>",),
        specials_last=True``. Raises HornbookError where nothing can be learnt.
        """
        if kind not in KINDS:
            raise HornbookError(f'there is no tokenizer "{kind}".{nearest(kind, KINDS)}')
        specials = _checked_specials(specials)
        vocab_size = KINDS[kind].vocab_size if vocab_size is None else vocab_size
        min_count = KINDS[kind].min_count if min_count is None else min_count
        if min_count < 1:
            raise HornbookError(f"min_count={min_count} must be 1 or more.")
        if vocab_size is not None and vocab_size <= len(specials):
            raise HornbookError(f"vocab_size={vocab_size} is too small: the {len(specials)} specials alone fill it.")
        texts = map(_whole, _documents(texts))
        if not KINDS[kind].reads_once and not any(texts := list(texts)):
            raise HornbookError("there is no text to learn a vocabulary from.")
        room = None if vocab_size is None else vocab_size - len(specials)
        tokens, merges = KINDS[kind].learn(texts, room, min_count)
        if not tokens:
            raise HornbookError(
                f"min_count={min_count} leaves no {kind} of this text, so there is nothing to learn."
                " --min-count 1 keeps them all."
            )
        ordered = [*tokens, *specials] if specials_last else [*specials, *tokens]
        return cls(KINDS[kind].assemble({token: id_ for id_, token in enumerate(ordered)}, merges))

    @classmethod
    def load(cls, path):
        """Open a `tokenizer.json`, or the one in a folder.

        It may come from elsewhere, as long as it holds byte-level BPE (GPT-2 and its heirs), WordPiece (BERT) or whole
        words. Raises HornbookError where it is missing, damaged, or something else.
        """
        path = Path(path) / "tokenizer.json" if Path(path).is_dir() else Path(path)
        if not path.exists():
            raise HornbookError(f"there is no tokenizer {path}. `hornbook tokenize --save {path}` writes one.")
        try:
            return cls(tokenizers.Tokenizer.from_str(path.read_text(encoding="utf-8")))
        except HornbookError as error:
            raise HornbookError(f"{path}: {error}") from error
        except Exception as error:  # `tokenizers` raises nothing narrower
            raise HornbookError(
                f"{path} is no tokenizer.json that `tokenizers` {tokenizers.__version__} can read: {error}"
            ) from error

    def save(self, path):
        """Write a `tokenizer.json`, with which Hugging Face `tokenizers` encodes to the same ids."""
        write_text(path, self.backend.to_str(pretty=True))

    def __repr__(self):
        return f"Tokenizer({self.kind}, {self.vocab_size:,} tokens)"

    # -- text to ids ------------------------------------------------------------------------------------------------

    def encode(self, text: str, bos: bool = False) -> np.ndarray:
        """The ids of `text`, int32, with <BOS> in front if asked for.

        What the vocabulary does not have becomes <UNK>; byte-level BPE has everything. Raises HornbookError, naming
        them, for unknown characters where there is no <UNK>.
        """
        return self._encode_batch([_whole(text)], self._opening(bos))

    def encode_all(self, texts: Iterable[str], bos: bool = True) -> np.ndarray:
        """All `texts` as one stream of ids: ``<BOS> text <BOS> text …``."""
        return np.concatenate([np.zeros(0, np.int32), *self.encode_batches(texts, bos)])

    def encode_batches(self, texts: Iterable[str], bos: bool = True) -> Iterator[np.ndarray]:
        """The stream of `encode_all` in parts, with about a million characters in memory at a time.

        A text is never cut, so the longest one decides. Behind its first two million characters, BPE goes through its
        compiled form, `hornbook.fast.bpe`.
        """
        opening, batch, size = self._opening(bos), [], 0
        for text in map(_whole, _documents(texts)):
            batch.append(text)
            size += len(text) + 1
            if size > BATCH:
                yield self._encode_batch(batch, opening)
                batch, size = [], 0
        if batch:
            yield self._encode_batch(batch, opening)

    def offsets(self, text: str) -> list[tuple[int, int]]:
        """Where each token of `encode(text)` begins and ends in the text, in characters.

        Tokens that are bytes of one character all have that character's place.
        """
        if self.kind == "characters":
            return [(at, at + 1) for at in range(len(text))]
        return self.backend.encode(_whole(text), add_special_tokens=False).offsets

    def unknown(self, text: str) -> Counter:
        """What of `text` the vocabulary does not have, and how often. For BPE: halves of characters, nothing else."""
        if self.kind == "bpe":
            return Counter(HALF.findall(text))
        if self.kind == "characters":
            return Counter(text[at] for at in np.flatnonzero(self._encoder.encode([text]) == self._encoder.missing))
        found = self.backend.encode(_whole(text), add_special_tokens=False)
        return Counter(text[start:end] for id_, (start, end) in zip(found.ids, found.offsets) if id_ == self.unk)

    def _encode_batch(self, texts, bos):
        if self.kind in ("characters", "terms") or (self._is_plain_bpe and self._is_worth_compiling(texts)):
            ids = self._encoder.encode(texts, bos)
            if self.kind == "characters" and self.unk is None and ids.min(initial=0) < 0:
                raise self._unknown_characters(sum(map(self.unknown, texts), Counter()))
            return ids
        opening = [] if bos is None else [bos]
        found = self.backend.encode_batch_fast(texts, add_special_tokens=False)
        return np.fromiter(chain.from_iterable(chain(opening, one.ids) for one in found), dtype=np.int32)

    def _is_worth_compiling(self, texts):
        self._encoded += sum(map(len, texts))
        return self._encoded >= WORTH_COMPILING

    @cached_property
    def _encoder(self):
        if self.kind == "characters":
            id_of = {token: id_ for token, id_ in self._id_of.items() if len(token) == 1}
            return characters.Encoder(id_of, self.unk)
        if self.kind == "terms":
            return terms.Encoder(self._id_of, self.unk)
        from hornbook.fast import bpe

        return bpe.Encoder([self._id_of[LETTER_OF_BYTE[byte]] for byte in range(256)], self.merges)

    def _opening(self, bos):
        if bos and self.bos is None:
            raise HornbookError("this vocabulary has no <BOS> to begin a text with.")
        return self.bos if bos else None

    # -- ids to text ------------------------------------------------------------------------------------------------

    def decode(self, ids, specials: bool = False) -> str:
        """The text of `ids`. Words and pieces are joined by blanks; bytes that make no character become U+FFFD.

        Special tokens are left out unless asked for; <UNK> always shows, as it stands for text that was there.
        """
        hidden = () if specials else set(self.special_ids) - {self.unk}
        text = b"".join(self._text_of[id_] for id_ in self._checked(ids) if id_ not in hidden).decode(errors="replace")
        return text.removeprefix(" ") if self.kind in ("words", "terms", "wordpiece") else text

    def tokens(self, ids) -> list[str]:
        """Each id on its own: ``[" the", " c", "at"]``. Bytes that make no character are written ``\\xe2``."""
        if self.kind != "bpe":
            return [self._token_of[id_] for id_ in self._checked(ids)]
        return [self._text_of[id_].decode(errors="backslashreplace") for id_ in self._checked(ids)]

    def bytes_of(self, id_: int) -> bytes:
        """What one token adds to a text, in UTF-8: not always whole characters, and with the blank before a word."""
        return self._text_of[id_]

    def id_of(self, token: str) -> int | None:
        """The id of a token as the vocabulary spells it, or None. <START> is <BOS>, <END> is <EOS>."""
        others = {"<START>": self.bos, "<END>": self.eos}
        return self._id_of.get(token, others.get(token))

    @cached_property
    def merges(self) -> list[tuple[int, int, int]]:
        """(left, right, made) ids in the order they were learnt; a WordPiece file does not keep them."""
        return [(self._id_of[left], self._id_of[right], self._id_of[left + right]) for left, right in self._pairs]

    @cached_property
    def _token_of(self):
        tokens = dict(zip(self._id_of.values(), self._id_of))
        return [tokens.get(id_, "") for id_ in range(self.vocab_size)]

    @cached_property
    def _text_of(self):
        return [KINDS[self.kind].text_of(token) for token in self._token_of]

    def _checked(self, ids):
        ids = np.asarray(ids)
        if ids.size and (ids.dtype.kind not in "iu" or ids.min() < 0 or ids.max() >= self.vocab_size):
            odd = next(id_ for id_ in ids.ravel().tolist() if id_ not in range(self.vocab_size))
            raise HornbookError(f"{odd!r} is no id of this vocabulary, which has 0 to {self.vocab_size - 1:,}.")
        return ids.ravel().tolist()

    # -- checks -----------------------------------------------------------------------------------------------------

    def _first_of(self, names):
        ids = (self._id_of.get(name) for name in names)
        return next((id_ for id_ in ids if id_ in self.special_ids), None)

    def _check(self):
        if self.unk is None and self.kind in ("words", "terms", "wordpiece"):
            raise HornbookError(f"a tokenizer of {self.kind} needs <UNK>: texts always have words it has not seen.")
        if self.kind == "bpe" and (missing := LETTER_OF_BYTE.values() - self._id_of.keys()):
            raise HornbookError(
                f"this byte-level vocabulary lacks {len(missing)} of the 256 bytes, so it cannot encode"
                " every text. Train it with the whole alphabet."
            )

    def _unknown_characters(self, found):
        known = "".join(sorted(token for token in self._id_of if len(token) == 1))
        names = ", ".join(f"{character!r} ×{count}" for character, count in found.most_common(5))
        return HornbookError(
            f"this vocabulary has neither {names} nor <UNK>;"
            f" it has {repr(known) if len(known) <= 60 else f'{len(known):,} other characters'}."
        )


def _documents(texts):
    """One text is a list of one."""
    return [texts] if isinstance(texts, str | bytes) else texts


def _whole(text):
    """The text, with every half of a character replaced."""
    if not isinstance(text, str):
        raise HornbookError(f"a text is a str, not {type(text).__name__}; bytes become one with .decode().")
    try:
        text.encode()
    except UnicodeEncodeError:
        return HALF.sub(REPLACEMENT, text)
    return text


def _checked_specials(specials):
    """Specials must not look like text, or text could turn into them."""
    specials = [specials] if isinstance(specials, str) else list(specials)
    for special in specials:
        if not SPECIAL_FORM.fullmatch(special) or specials.count(special) > 1:
            raise HornbookError(f"{special!r} cannot be a special token: each is written once, and like <THIS>.")
    return specials
