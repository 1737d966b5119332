"""What is chosen of a sentence encoder's training, beside its config and the settings of every training."""

from dataclasses import asdict, dataclass, fields

from hornbook.errors import HornbookError, nearest
from hornbook.passages import WORDS
from hornbook.training.pairs import PAIRS
from hornbook.training.settings import Settings

BEGINNINGS = {
    "word2vec": "word vectors learnt from the same tokens",
    "random": "drawn by lot",
}
LETTERS = {"lower": "capitals are read as small letters", "kept": "they are not"}
OBJECTIVES = ("auto", "info_nce", "margin", "triplet", "cosine_mse", "cosent")
WORDS_OF = {"pairs": tuple(PAIRS), "words": tuple(BEGINNINGS), "letters": tuple(LETTERS), "objective": OBJECTIVES}


@dataclass(frozen=True)
class SentenceSettings:
    """Every field can be set: ``--set pairs=neighbours``. Raises HornbookError for a word that is in no table."""

    pairs: str = "halves"  # what is taken for belonging together, without labels
    temperature: float = 0.1  # 0.05 is sooner too sure of itself on little text
    shortest: int = 12  # tokens of a text that is trained on
    longest: int = 64
    apart: int = 0  # tokens between two texts that may be told to differ
    words: str = "word2vec"  # what the rows of the embedding begin as
    letters: str = "lower"
    pooling: str = "mean"
    objective: str = "auto"  # on marked pairs; "auto" goes by the columns
    passage: int = WORDS  # words of a held-out passage, about

    def __post_init__(self):
        for name, words in WORDS_OF.items():
            if (word := getattr(self, name)) not in words:
                raise HornbookError(f'there is no {name} "{word}".{nearest(str(word), words)}')
        for name in ("temperature", "passage"):
            if not getattr(self, name) > 0:
                raise HornbookError(f"{name} is {getattr(self, name)}; it must be greater than 0.")


def both(settings, sentences):
    """One dict of both kinds of settings, as a run keeps them."""
    return asdict(settings) | asdict(sentences)


def apart(kept):
    """The two kinds of settings, from what `both` gave."""
    mine = {field.name for field in fields(SentenceSettings)}
    return (Settings(**{name: value for name, value in kept.items() if name not in mine}),
            SentenceSettings(**{name: value for name, value in kept.items() if name in mine}))  # fmt: skip
