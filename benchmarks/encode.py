"""Texts to vectors with the weights of all-MiniLM-L6-v2: hornbook beside sentence-transformers and model2vec.

    python benchmarks/encode.py [--texts 1000] [--of sentences] [--rounds 3] [--threads 1] [--json]

hornbook is what a user calls: `TextEncoder.load("minilm").encode(texts)`, which chooses its precision, and the same in
float32. The static vectors, hornbook's and model2vec's, are one table, distilled from the same weights beforehand.

The texts have mixed lengths. Of `sentences`, ten in twenty are those of STS-B, five of novels, four of Cranfield, one
is a whole abstract; of `passages`, fourteen are STS-B's, four paragraphs of novels, two abstracts. They come from
HORNBOOK_DATA; without it, they are paragraphs of the topics of Python. The programs take turns; the best round
counts, tokenising included: by CPU seconds on one thread, by the clock on more. The cosine is to what
sentence-transformers gives in float32.
"""

import argparse
import csv
import json
import os
import random
import re
import tempfile
import time
from pathlib import Path

from machine import machine

os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "TRANSFORMERS_VERBOSITY": "error"}
STATIC, STATIC_TIMES = ("hornbook static", "model2vec"), 20  # so much quicker that they read the texts so often
OF_TWENTY = {
    "sentences": {"stsb": 10, "novels, sentences": 5, "cranfield, sentences": 4, "cranfield": 1},
    "passages": {"stsb": 14, "novels": 4, "cranfield": 2},
}


def main():
    options = parse()
    os.environ |= {"OMP_NUM_THREADS": str(options.threads), "RAYON_NUM_THREADS": str(options.threads)}
    name, texts = mixed(options.texts, options.of)
    report = {"machine": machine(), "threads": options.threads, "texts": len(texts), "corpus": name}
    report |= measured(texts, options.rounds, options.threads)
    print(json.dumps(report, indent=1)) if options.json else show(report)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("texts", 1000), ("rounds", 3), ("threads", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--of", choices=OF_TWENTY, default="sentences")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


# -- texts ------------------------------------------------------------------------------------------------------------


def mixed(number, of):
    """(what they are, texts), drawn with a seed."""
    data, rng = Path(os.environ.get("HORNBOOK_DATA", "none")), random.Random(0)
    if not data.is_dir():
        from hornbook import corpus

        paragraphs = [one.strip() for text in corpus.load("pydoc").documents for one in text.split("\n\n")]
        return "paragraphs of pydoc", rng.sample([one for one in paragraphs if len(one) > 20], number)
    pools = {"stsb": stsb(data), "novels": novels(data, rng), "cranfield": cranfield(data)}
    pools |= {f"{name}, sentences": [one for text in pools[name] for one in re.split(r"(?<=[.!?]) +", text) if one]
              for name in ("novels", "cranfield")}  # fmt: skip
    texts = [text for pool, share in OF_TWENTY[of].items() for text in rng.sample(pools[pool], number * share // 20)]
    rng.shuffle(texts)
    return f"{of}: " + ", ".join(f"{share}/20 {pool}" for pool, share in OF_TWENTY[of].items()), texts


def stsb(data):
    with open(data / "sentences" / "stsb" / "sts-dev.csv", encoding="utf-8") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return sorted({text for row in rows for text in row[5:7]})


def novels(data, rng):
    found = []
    for path in rng.sample(sorted((data / "corpora" / "novels").glob("*.txt")), 5):
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [" ".join(one.split()) for one in re.split(r"\n\s*\n|\n(?=\S{200})", text)]
    return [one for one in found if len(one) > 20]


def cranfield(data):
    text = (data / "retrieval" / "cranfield" / "cran.all.1400.xml").read_text(encoding="utf-8")
    return [" ".join(one.split()) for one in re.findall(r"<text>(.*?)</text>", text, re.DOTALL) if one.strip()]


# -- programs ---------------------------------------------------------------------------------------------------------


def measured(texts, rounds, threads):
    """Texts a second of every program, and its least cosine to float32 as sentence-transformers has it."""
    import numpy as np
    import torch

    torch.set_num_threads(threads)
    programs, tokens = programs_for(texts)
    programs |= static_programs()
    clock = time.process_time if threads == 1 else time.perf_counter
    best, vectors = dict.fromkeys(programs, float("inf")), {}
    for _ in range(rounds):
        for program, encode in programs.items():
            times = STATIC_TIMES if program in STATIC else 1
            start = clock()
            found = encode(texts * times)
            best[program] = min(best[program], (clock() - start) / times)
            vectors[program] = np.asarray(found[: len(texts)], np.float32)
    rates = {program: len(texts) / seconds for program, seconds in best.items()}
    exact = vectors["sentence-transformers float32"]
    cosines = {program: float((found * exact).sum(1).min()) for program, found in vectors.items()
               if found.shape == exact.shape}  # fmt: skip
    return {"tokens": tokens, "per_second": rates, "least_cosine": cosines, "times": ratios(rates)}


def ratios(rates):
    """How many times as fast ours are as theirs."""
    loaded = next(program for program in rates if program.startswith("hornbook, as loaded"))
    pairs = [(loaded, "sentence-transformers float32"), (loaded, "sentence-transformers bfloat16"), STATIC]
    pairs = pairs if STATIC[0] in rates else pairs[:2]
    return [{"program": ours, "of": theirs, "times": rates[ours] / rates[theirs]} for ours, theirs in pairs]


def programs_for(texts):
    """name -> texts -> vectors; and what the texts are in tokens."""
    import torch
    from sentence_transformers import SentenceTransformer

    from hornbook import TextEncoder

    loaded, exact = TextEncoder.load("minilm"), TextEncoder.load("minilm", precision="float32")
    programs = {}
    for precision in ("float32", "bfloat16"):
        theirs = SentenceTransformer(str(loaded.folder), device="cpu").to(getattr(torch, precision))
        programs[f"sentence-transformers {precision}"] = theirs_as_tensors(theirs)
    programs |= {"hornbook float32": exact.encode, f"hornbook, as loaded: {loaded.precision_}": loaded.encode}
    lengths = loaded.network.encoder.tokenize(texts).lengths
    about_tokens = {"all": int(lengths.sum()), "shortest": int(lengths.min()), "mean": float(lengths.mean()),
                    "longest": int(lengths.max())}  # fmt: skip
    return programs, about_tokens


def static_programs():
    """The same table of token vectors, read by hornbook and by model2vec; {} where model2vec is not installed."""
    from importlib.util import find_spec

    if not find_spec("model2vec"):
        return {}
    from model2vec import StaticModel

    from hornbook import model2vec_format
    from hornbook.static import distill

    with tempfile.TemporaryDirectory() as folder:
        ours = distill("minilm", Path(folder) / "run")
        model2vec_format.write(ours, Path(folder) / "theirs")
        theirs = StaticModel.from_pretrained(Path(folder) / "theirs")
    programs = (lambda texts: ours.encode(texts, normalize=True),
                lambda texts: theirs.encode(texts, use_multiprocessing=False))  # fmt: skip
    return dict(zip(STATIC, programs))


def theirs_as_tensors(model):
    """Batches of 32, as it comes; bfloat16 has no NumPy array, so tensors are asked for."""
    return lambda texts: model.encode(texts, convert_to_tensor=True, show_progress_bar=False).float().numpy()


def show(report):
    tokens = report["tokens"]
    print(f"{report['machine']}; {report['threads']} thread(s)\n{report['texts']:,} texts ({report['corpus']}) of"
          f" {tokens['shortest']} to {tokens['longest']} tokens, {tokens['mean']:.1f} on average\n")  # fmt: skip
    print(f"{'':32}texts/s   least cosine to float32")
    for program, rate in report["per_second"].items():
        near = report["least_cosine"].get(program)
        print(f"{program:32}{rate:7.0f}   {'' if near is None else format(near, '.5f')}")
    print()
    for one in report["times"]:
        print(f"{one['program']}: {one['times']:.2f} × {one['of']}")


if __name__ == "__main__":
    main()
