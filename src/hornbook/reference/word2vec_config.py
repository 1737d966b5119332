"""Settings of word2vec."""

from dataclasses import dataclass

from hornbook.errors import HornbookError
from hornbook.reference.bounds import check_number, check_whole, check_words

MODES = {"fast": 1, "deterministic": 16}  # most blocks whose gradients are taken before any is applied
SUBWORDS = {"none": ("wte",), "bpe": ("own", "pieces")}  # the tables that make a word's vector
USUAL = {  # architecture -> the rates of word2vec.c, and the fewest shared negatives that cost no analogies
    "skipgram": {"learning_rate": 0.025, "noise_per_block": 16},
    "cbow": {"learning_rate": 0.05, "noise_per_block": 32},
}


@dataclass
class Config:
    vocab_size: int
    embedding_dim: int = 100
    window: int = 5  # most words looked at on either side
    negative: int = 5  # how much noise weighs against one true pair
    sample: float = 1e-3  # words of a larger share than this are thinned out; 0: none is
    ns_exponent: float = 0.75
    architecture: str = "skipgram"  # a word of USUAL
    epochs: int = 5
    learning_rate: float | None = None  # None: the architecture's usual one
    min_learning_rate: float = 1e-4  # to which the rate falls, by tokens read
    windows_per_block: int = 16  # neighbouring windows that share their negatives
    noise_per_block: int | None = None  # negatives they share, each weighing negative / noise_per_block; None: usual
    subwords: str = "none"  # a word of SUBWORDS
    mode: str = "fast"  # a word of MODES; the bytes of "deterministic" are the same for any number of threads
    seed: int = 42

    def __post_init__(self):
        check_words(self, architecture=USUAL, subwords=SUBWORDS, mode=MODES)
        for name, value in USUAL[self.architecture].items():
            if getattr(self, name) is None:
                setattr(self, name, value)
        check_whole(self, ("vocab_size", "embedding_dim", "negative", "epochs"))
        check_whole(self, ("window", "windows_per_block", "noise_per_block"), most=1000)  # what a block is made of
        check_whole(self, ("seed",), least=0)
        check_number(self, ("sample", "learning_rate", "min_learning_rate"))
        check_number(self, ("ns_exponent",), -10, 10)  # counts to a higher power may be no number
        if self.learning_rate < self.min_learning_rate:
            raise HornbookError(f"learning_rate is {self.learning_rate}, below min_learning_rate, where it is to end.")
