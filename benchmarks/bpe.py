"""Byte-level BPE beside Hugging Face `tokenizers` and tiktoken: one text, one vocabulary, one thread, the same ids.

    python benchmarks/bpe.py [--megabytes 20] [--rounds 3] [--vocab-size 16384] [--json]

The text: the novels of HORNBOOK_DATA where they are, else the plays and topics that hornbook has. Times are CPU
seconds of this process, the best of all rounds; the programs take turns.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from machine import machine, timed

# before anything starts a thread
os.environ |= {"TOKENIZERS_PARALLELISM": "false", "RAYON_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}

PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
FIRST_CALL = (
    "import time; start = time.perf_counter(); from hornbook.fast.bpe import Encoder; "
    "Encoder(range(256), []).encode(['a']); print(time.perf_counter() - start)"
)


def main():
    options = parse()
    name, texts = corpus(options.megabytes * 1_000_000)
    size = sum(len(text.encode()) for text in texts)
    made, seconds = timed(lambda: train(texts, options.vocab_size))
    report = {
        "machine": machine(),
        "corpus": name,
        "megabytes": size / 1e6,
        "documents": len(texts),
        "vocab_size": made.vocab_size,
        "tokenizers.train_mb_per_second": size / 1e6 / seconds,
    }
    report |= encoding(made, texts, size, options.rounds) | compiling() | training()
    print(json.dumps(report, indent=1)) if options.json else show(report)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--vocab-size", type=int, default=16_384)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def corpus(size):
    """(name, documents) of about `size` bytes, or as many as there are; nothing is repeated to get there."""
    from hornbook import corpus as corpora

    novels = sorted(Path(os.environ.get("HORNBOOK_DATA", "none"), "corpora", "novels").glob("*.txt"))
    if not novels:
        return "shakespeare and pydoc", [*corpora.load("shakespeare").documents, *corpora.load("pydoc").documents]
    texts = []
    for path in novels:
        texts.append(path.read_text(encoding="utf-8", errors="replace"))
        if sum(map(len, texts)) > size:
            break
    return f"the first {len(texts)} of {len(novels)} novels", texts


def train(texts, vocab_size):
    from hornbook import Tokenizer

    return Tokenizer.train(texts, "bpe", vocab_size)


def encoding(made, texts, size, rounds):
    """MB/s of every program, after checking that all give the same ids.

    hornbook starts every round with an empty cache of words; `again` is a second pass over the same text.
    """
    import numpy as np

    from hornbook import Tokenizer, tokenizer

    tokenizer.WORTH_COMPILING = 0  # all of the text goes through the compiled form
    made.encode("")  # which is loaded here, and timed on its own
    openai, fresh = tiktoken_of(made), made
    programs = {
        "hornbook": lambda: fresh.encode_all(texts, bos=False),
        "again": lambda: fresh.encode_all(texts, bos=False),
        "tokenizers": lambda: [found.ids for found in made.backend.encode_batch_fast(texts, add_special_tokens=False)],
        "tiktoken": lambda: [openai.encode_ordinary(text) for text in texts],
    }
    found, best = {}, dict.fromkeys(programs, float("inf"))
    for _ in range(rounds):
        fresh = Tokenizer(made.backend)
        for program, encode in programs.items():
            found[program], seconds = timed(encode)
            best[program] = min(best[program], seconds)
    for program in ("tokenizers", "tiktoken"):
        assert np.array_equal(found["hornbook"], np.concatenate(found[program])), f"{program} gives other ids"
    rates = {program: size / 1e6 / seconds for program, seconds in best.items()}
    return {
        "tokens": len(found["hornbook"]),
        "ids_identical": True,
        **{f"{program}.encode_mb_per_second": rate for program, rate in rates.items()},
        "times_tokenizers": rates["hornbook"] / rates["tokenizers"],
        "times_tiktoken": rates["hornbook"] / rates["tiktoken"],
    }


def tiktoken_of(made):
    """The same vocabulary as a tiktoken encoding, whose ranks are the ids."""
    import tiktoken

    from hornbook.reference.bpe import BYTE_OF_LETTER

    ranks = {
        bytes(BYTE_OF_LETTER[letter] for letter in token): id_
        for token, id_ in made.backend.get_vocab().items()
        if id_ not in made.special_ids
    }
    return tiktoken.Encoding("hornbook", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={})


def compiling():
    """Seconds until the first ids, imports included, in a fresh process: without compiled code at hand, and with it."""
    with tempfile.TemporaryDirectory() as cache:
        run = lambda: (
            subprocess.run(
                [sys.executable, "-c", FIRST_CALL],
                env=os.environ | {"NUMBA_CACHE_DIR": cache},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        return {"compile_seconds": float(run()), "load_compiled_seconds": float(run())}


def training(vocab_size=2000):
    """Seconds to learn the same merges from the language topics of Python: the form one reads beside Rust."""
    from hornbook import corpus as corpora
    from hornbook.reference import bpe

    texts = corpora.load("pydoc").documents
    made, rust = timed(lambda: train(texts, vocab_size + 5))
    (merges, _), reference = timed(lambda: bpe.train(texts, vocab_size, min_count=2))
    assert made.merges == [(left + 5, right + 5, new + 5) for left, right, new, _ in merges], "other merges"
    return {
        "train.text_kilobytes": sum(len(text.encode()) for text in texts) / 1e3,
        "train.merges": len(merges),
        "train.reference_seconds": reference,
        "train.tokenizers_seconds": rust,
        "merges_identical": True,
    }


def show(report):
    from importlib.metadata import version

    print(
        f"{report['machine']}\n{report['corpus']}: {report['megabytes']:.1f} MB, {report['documents']} documents;"
        f" {report['vocab_size']:,} tokens in the vocabulary\n"
    )
    print("encoding, one thread     MB/s")
    for program in ("hornbook", "tokenizers", "tiktoken"):
        print(f"  {program + ' ' + version(program):<20} {report[program + '.encode_mb_per_second']:>6.1f}")
    print(f"  {'hornbook, once more':<20} {report['again.encode_mb_per_second']:>6.1f}")
    print(
        f"{report['tokens']:,} ids, identical; hornbook is {report['times_tokenizers']:.1f} × tokenizers,"
        f" {report['times_tiktoken']:.1f} × tiktoken\n"
    )
    print(
        f"to the first ids, imports included: {report['load_compiled_seconds']:.1f} s;"
        f" the very first time, when it compiles: {report['compile_seconds']:.1f} s"
    )
    print(
        f"training, {report['train.text_kilobytes']:.0f} kB, {report['train.merges']:,} merges, identical:"
        f" reference {report['train.reference_seconds']:.2f} s,"
        f" tokenizers {report['train.tokenizers_seconds']:.2f} s"
    )


if __name__ == "__main__":
    main()
