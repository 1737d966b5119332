"""Word vectors beside gensim: the same ids, 100 dimensions, window 5, 5 negatives, sample 1e-3, in one run.

    python benchmarks/word2vec.py [--full] [--words 3000000] [--epochs 2] [--seeds 1] [--architecture cbow] [--json]

The text: the novels of HORNBOOK_DATA where they are, else the plays. gensim reads a file of lines (`corpus_file`), its
fastest way. Both take turns, on one thread, then on two. Rates are words read, those that are thinned out included, per
second of CPU time of all threads and per second of the clock. Quality is that of the vectors from one thread:
Spearman's correlation with people on pairs of words, and the share of Google's analogies solved among known words.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from hornbook.reference.word2vec_config import USUAL
from machine import machine

SETTINGS = {"embedding_dim": 100, "window": 5, "negative": 5, "sample": 1e-3}
LINE = 1000  # words of a line for gensim, which trains on lines


def main():
    options = parse()
    name, tokenizer, ids = corpus(options.words)
    report = {
        "machine": machine(),
        "corpus": name,
        "architecture": options.architecture,
        "words": int((ids > 4).sum()),
        "vocab_size": tokenizer.vocab_size,
        "epochs": options.epochs,
        "seeds": options.seeds,
        "compile_seconds": compiling(tokenizer.vocab_size, ids, options.architecture),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = written(ids, Path(folder, "lines.txt"))
        programs = {
            "gensim": lambda *how: gensim_vectors(
                path, tokenizer.vocab_size, options.epochs, options.architecture, *how
            ),
            "hornbook": lambda *how: hornbook_vectors(
                ids, tokenizer.vocab_size, options.epochs, options.architecture, *how
            ),
        }
        report |= measured(programs, tokenizer, options.seeds, report["words"] * options.epochs)
    for threads in (1, 2):
        for kind in ("cpu", "wall"):
            gensim, ours = (report[f"{program}.{threads}.words_per_{kind}_second"] for program in programs)
            report[f"ratio_to_gensim.{threads}.{kind}"] = ours / gensim
    report["ratio_to_gensim"] = report["ratio_to_gensim.1.cpu"]
    print(json.dumps(report, indent=1)) if options.json else show(report)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=3_000_000)
    parser.add_argument("--full", action="store_true", help="all the words there are")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--architecture", choices=USUAL, default="skipgram")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    options.words = None if options.full else options.words
    return options


def corpus(words):
    """(name, tokenizer, ids) of about so many words, or of all; nothing is repeated to get there."""
    from hornbook import Tokenizer
    from hornbook import corpus as corpora

    novels = sorted(Path(os.environ.get("HORNBOOK_DATA", "none"), "corpora", "novels").glob("*.txt"))
    name, texts = "shakespeare", []
    for path in novels:
        texts.append(path.read_text(encoding="utf-8", errors="replace"))
        if words and sum(map(len, texts)) > 5.6 * words:  # bytes of a word and what parts it from the next
            break
    if texts:
        name = f"the first {len(texts)} of {len(novels)} novels"
    else:
        texts = corpora.load("shakespeare").documents
    tokenizer = Tokenizer.train(texts, kind="terms", vocab_size=50_000, min_count=5)
    return name, tokenizer, np.concatenate([tokenizer.encode_all([text]) for text in texts])


def written(ids, path):
    """The words of each document as lines of ids."""
    with open(path, "w", encoding="utf-8") as file:
        for document in np.split(ids, np.flatnonzero(ids == 2)):
            known = document[document > 4]
            for begin in range(0, len(known), LINE):
                file.write(" ".join(map(str, known[begin : begin + LINE].tolist())) + "\n")
    return str(path)


def compiling(vocab_size, ids, architecture):
    """Seconds until the first words are read, outside what is measured."""
    began = time.perf_counter()
    hornbook_vectors(ids[:1000], vocab_size, 1, architecture, 1, 0)
    return time.perf_counter() - began


def hornbook_vectors(ids, vocab_size, epochs, architecture, threads, seed):
    """(vectors, loss of each epoch, CPU seconds, seconds)."""
    from hornbook.fast.word2vec import Word2Vec
    from hornbook.reference.word2vec import Config

    learning = {"architecture": architecture, "epochs": epochs, "seed": seed}
    network = Word2Vec(Config(vocab_size, **learning, **SETTINGS), ids)
    network.threads = threads
    cpu, wall = time.process_time(), time.perf_counter()
    losses = [network.run_round(number).loss for number in range(network.n_rounds)]
    return network.vectors, losses[-1], time.process_time() - cpu, time.perf_counter() - wall


def gensim_vectors(path, vocab_size, epochs, architecture, threads, seed):
    import gensim

    network = gensim.models.Word2Vec(
        vector_size=SETTINGS["embedding_dim"],
        window=SETTINGS["window"],
        negative=SETTINGS["negative"],
        sample=SETTINGS["sample"],
        sg=int(architecture == "skipgram"),
        alpha=USUAL[architecture]["learning_rate"],
        min_count=1,
        workers=threads,
        epochs=epochs,
        seed=seed + 1,
    )
    network.build_vocab(corpus_file=path)
    cpu, wall = time.process_time(), time.perf_counter()
    network.train(
        corpus_file=path, total_words=network.corpus_total_words, total_examples=network.corpus_count, epochs=epochs
    )
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    vectors = np.zeros((vocab_size, SETTINGS["embedding_dim"]), np.float32)
    vectors[[int(key) for key in network.wv.index_to_key]] = network.wv.vectors
    return vectors, None, cpu, wall


def measured(programs, tokenizer, seeds, words):
    """Rates and quality of the programs, which take turns; rates are the best of all seeds."""
    report = {}
    for seed in range(seeds):
        for threads in (1, 2):
            for program, train in programs.items():
                vectors, loss, cpu, wall = train(threads, seed)
                for kind, seconds in (("cpu", cpu), ("wall", wall)):
                    key = f"{program}.{threads}.words_per_{kind}_second"
                    report[key] = max(report.get(key, 0.0), words / seconds)
                if threads == 1:
                    report.setdefault(f"{program}.quality", []).append(quality(vectors, tokenizer))
                if loss is not None:
                    report[f"{program}.{threads}.loss"] = loss
    return report


def quality(vectors, tokenizer):
    """Task and figure -> its value, interval, how many cases were found and how many there are."""
    from hornbook.word_tasks import measure_words

    words = [tokenizer.decode([id_], specials=True) for id_ in range(5, tokenizer.vocab_size)]
    return {
        f"{task.name} {name}": numbers
        for task in measure_words(words, vectors[5:])
        for name, numbers in task.numbers().items()
    }


def show(report):
    from importlib.metadata import version

    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(
        f"{report['machine']}\n{report['corpus']}: {report['words']:,} words, {report['vocab_size']:,} in the"
        f" vocabulary; {report['architecture']}, {report['epochs']} epochs",
        highlight=False,
    )
    rates = Table("words per second", "threads", f"gensim {version('gensim')}, corpus_file", "hornbook", "ratio")
    for threads in (1, 2):
        for kind, of in (("cpu", "of CPU time"), ("wall", "of the clock")):
            pair = [report[f"{program}.{threads}.words_per_{kind}_second"] for program in ("gensim", "hornbook")]
            rates.add_row(of, str(threads), *(f"{rate:,.0f}" for rate in pair), f"{pair[1] / pair[0]:.2f}")
    console.print(rates)
    table = Table("task", "gensim", "hornbook", "found")
    for task, first in report["gensim.quality"][0].items():
        scores = ([one[task]["value"] for one in report[f"{program}.quality"]] for program in ("gensim", "hornbook"))
        cells = (" ".join("–" if score is None else f"{score:.4f}" for score in several) for several in scores)
        table.add_row(task, *cells, f"{first['n']:,} of {first['of']:,}")
    console.print(table)
    console.print(
        f"hornbook's loss in the last round: {report['hornbook.1.loss']:.4f} nats a pair; to its first words,"
        f" compiling included: {report['compile_seconds']:.1f} s",
        highlight=False,
    )


if __name__ == "__main__":
    main()
