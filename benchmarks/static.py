"""Static sentence vectors: hornbook beside model2vec, with the very same token vectors and tokenizer.

    python benchmarks/static.py [--texts 20000] [--rounds 3] [--json]

The token vectors are distilled from all-MiniLM-L6-v2 (some 30 s), written as model2vec's own folder, and opened by
model2vec. The texts have mixed lengths, see benchmarks/encode.py. The programs take turns; the best round counts, by
CPU seconds on one thread, tokenising included. Quality is the Spearman correlation on STS-B's dev set, of both.
"""

import argparse
import csv
import json
import os
import tempfile
import time
from pathlib import Path

from machine import machine

os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1"}
os.environ |= {"RAYON_NUM_THREADS": "1"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("texts", 20_000), ("rounds", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    report = {"machine": machine()} | measured(options.texts, options.rounds)
    print(json.dumps(report, indent=1)) if options.json else show(report)


def measured(number, rounds):
    """Sentences a CPU second, by program, on short texts and on mixed ones; how near their vectors are; STS-B."""
    import numpy as np
    from model2vec import StaticModel

    from hornbook import model2vec_format
    from hornbook.static import distill

    with tempfile.TemporaryDirectory() as folder:
        ours = distill("minilm", Path(folder) / "run")
        model2vec_format.write(ours, Path(folder) / "theirs")
        theirs = StaticModel.from_pretrained(Path(folder) / "theirs")
    programs = {
        "hornbook": lambda texts: ours.encode(texts, normalize=True),
        "model2vec": lambda texts: theirs.encode(texts, use_multiprocessing=False),
    }
    report = {}
    for name, texts in pools(number).items():
        best, vectors = timed(programs, texts, rounds)
        rates = {program: len(texts) / seconds for program, seconds in best.items()}
        report[name] = {
            "texts": len(texts), "characters": sum(map(len, texts)), "per_cpu_second": rates,
            "ratio_to_model2vec": rates["hornbook"] / rates["model2vec"],
            "largest_difference": float(np.abs(vectors["hornbook"] - vectors["model2vec"]).max()),
        }  # fmt: skip
    least = min(one["ratio_to_model2vec"] for one in report.values())
    return {"pools": report, "ratio_to_model2vec": least, "stsb_dev_spearman": quality(programs)}


def timed(programs, texts, rounds):
    """(the least CPU seconds of each, its vectors)"""
    best, vectors = dict.fromkeys(programs, float("inf")), {}
    for _ in range(rounds):
        for program, encode in programs.items():
            start = time.process_time()
            vectors[program] = encode(texts)
            best[program] = min(best[program], time.process_time() - start)
    return best, vectors


def pools(number):
    """Name -> texts, each met once."""
    data = Path(os.environ.get("HORNBOOK_DATA", "none"))
    if not data.is_dir():
        from hornbook import corpus

        text = "\n".join(corpus.load("pydoc").documents)
        return {"lines of pydoc": list(dict.fromkeys(line.strip() for line in text.split("\n") if line.strip()))}
    novels = (line.strip() for path in sorted((data / "corpora" / "novels").glob("*.txt"))
              for line in path.open(encoding="utf-8", errors="replace"))  # fmt: skip
    paragraphs = []
    for line in novels:
        paragraphs += [line] if len(line) > 20 else []
        if len(paragraphs) == number:
            break
    sentences = sorted({text for name in ("train", "dev") for pair in stsb(data, name) for text in pair[:2]})
    return {"sentences of STS-B": sentences[:number], "lines of novels": paragraphs}


def stsb(data, name):
    with open(data / "sentences" / "stsb" / f"sts-{name}.csv", encoding="utf-8") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row[5], row[6], float(row[4])) for row in rows]


def quality(programs):
    """Spearman's correlation of cosines with what people said, by program; None without the data."""
    from scipy.stats import spearmanr

    data = Path(os.environ.get("HORNBOOK_DATA", "none"))
    if not data.is_dir():
        return None
    first, second, scores = zip(*stsb(data, "dev"))
    return {
        program: float(spearmanr((encode(list(first)) * encode(list(second))).sum(1), scores)[0])
        for program, encode in programs.items()
    }


def show(report):
    print(report["machine"])
    for name, found in report["pools"].items():
        print(f"{name}: {found['texts']:,} texts of {found['characters'] / found['texts']:.0f} characters on average;"
              f" vectors differ by {found['largest_difference']:.1e} at most")  # fmt: skip
        for program, rate in found["per_cpu_second"].items():
            print(f"  {program:10} {rate:10,.0f} texts a CPU second")
        print(f"  {found['ratio_to_model2vec']:.1f} times model2vec")
    for program, score in (report["stsb_dev_spearman"] or {}).items():
        print(f"STS-B dev, Spearman: {program:10} {score:.4f}")


if __name__ == "__main__":
    main()
