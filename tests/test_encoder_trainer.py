"""EncoderTrainer: from a text to a measured folder; stopped or killed anywhere it comes to the same end."""

import json
import tracemalloc

import numpy as np
import pytest

from encoder_cases import QUICK
from hornbook import bags, yardsticks
from hornbook import run as files
from hornbook.corpus import Corpus
from hornbook.encoder import TextEncoder
from hornbook.encoder_trainer import EncoderSettings, EncoderTrainer, HeldOut, by_size
from hornbook.errors import HornbookError
from hornbook.fast.word2vec import counted
from hornbook.half_match import half_match
from hornbook.models import ENCODERS, kind_of
from hornbook.tokenizer import Tokenizer
from hornbook.training.tokens import read_stream

ROUNDS = [name for name, kind in ENCODERS.items() if kind.trained_by == "rounds"]


def finished(trainer):
    list(trainer.steps())
    return trainer.finish()


@pytest.mark.parametrize("model", ENCODERS)
def test_a_run_says_what_it_is_and_what_it_measured(model, encoders):
    encoder = encoders[model]
    about = files.read_config(encoder.folder)
    tokens = "wordpiece" if ENCODERS[model].needs_torch else "terms"
    assert (about["model"], about["tokenizer"], about["corpus"]["name"]) == (model, tokens, "prose")
    again = half_match(encoder, encoder.held_out).numbers()
    assert about["results"]["validation"] == json.loads(json.dumps(again))
    card = (encoder.folder / files.CARD).read_text(encoding="utf-8")
    assert f"{again['mrr']['value']:.3f}" in card
    assert ("lowest rung" in card) == (model == "counts")
    assert (encoder.folder / files.CURVE).exists() == (model in ROUNDS or ENCODERS[model].needs_torch)


@pytest.mark.parametrize("model", ROUNDS)
def test_a_stopped_run_goes_on_to_the_same_end(model, encoders, prose, tmp_path):
    trainer = EncoderTrainer(prose, model, settings=QUICK[model]).begin(tmp_path / "run")
    steps = trainer.steps()
    next(steps)
    trainer.stop()
    assert list(steps) == [] and trainer.stopped
    assert "results" not in files.read_config(tmp_path / "run")
    with pytest.raises(HornbookError, match="--resume"):
        TextEncoder.load(tmp_path / "run")
    resumed = EncoderTrainer.resume(tmp_path / "run")
    assert next(step.step for step, _ in list(resumed.steps())) == 2
    resumed.finish()
    whole = encoders[model].folder
    assert (tmp_path / "run" / files.MODEL).read_bytes() == (whole / files.MODEL).read_bytes()
    assert [line["loss"] for line in files.read_log(tmp_path / "run")] == [
        line["loss"] for line in files.read_log(whole)
    ]
    with pytest.raises(HornbookError, match="is finished"):
        EncoderTrainer.resume(tmp_path / "run")


@pytest.mark.parametrize("model", ROUNDS)
def test_a_killed_run_goes_on_from_its_last_checkpoint(model, encoders, prose, tmp_path):
    settings = QUICK[model] | {"checkpoint_seconds": 1e-9}  # after every round
    trainer = EncoderTrainer(prose, model, settings=settings).begin(tmp_path / "run")
    steps = trainer.steps()
    next(steps), next(steps)
    steps.close()
    with open(tmp_path / "run" / files.LOG, "a") as log:
        log.write('{"step": 3, "lo')  # a line cut short
    finished(EncoderTrainer.resume(tmp_path / "run"))
    assert (tmp_path / "run" / files.MODEL).read_bytes() == (encoders[model].folder / files.MODEL).read_bytes()
    assert [line["step"] for line in files.read_log(tmp_path / "run")] == list(range(1, 1 + trainer.network.n_rounds))


@pytest.mark.parametrize("model", ROUNDS)
def test_the_loss_in_the_log_falls(model, encoders):
    losses = [line["loss"] for line in files.read_log(encoders[model].folder)]
    assert losses[-1] < losses[0]
    assert any("validation" in line for line in files.read_log(encoders[model].folder))


@pytest.mark.parametrize(("model", "settings"), [
    ("word2vec", {"embedding_dim": 4, "epochs": 3, "min_count": 1, "window": 1}),
    ("lda", {"n_components": 2, "sweeps": 5, "averaged": 1, "min_count": 2}),
])  # fmt: skip
def test_where_nothing_can_be_scored_the_log_has_no_number(model, settings, tmp_path):
    """Documents of one word have no neighbours; those that are held out have words that topics never met."""
    documents = [f"word{number}" for number in range(60)]
    common = {"word2vec": [], "lda": ["some words that are said twice"] * 2}[model]
    corpus = Corpus("alone", common + documents)
    assert not {"some", "words"} & set(" ".join(corpus.split().validation).split())
    finished(EncoderTrainer(corpus, model, settings=settings).begin(tmp_path / "run"))
    lines = (tmp_path / "run" / files.LOG).read_text(encoding="utf-8").splitlines()
    told = [json.loads(line, parse_constant=pytest.fail) for line in lines]
    assert len(told) == (3 if model == "word2vec" else 5)
    assert all((line["loss"] is None) == (model == "word2vec") for line in told)
    assert not any("validation" in line for line in told)
    assert (tmp_path / "run" / files.CURVE).exists() == (model == "lda")


def test_a_run_before_its_first_checkpoint_starts_anew(prose, tmp_path):
    EncoderTrainer(prose, "lda", settings=QUICK["lda"]).begin(tmp_path / "run")
    assert next(EncoderTrainer.resume(tmp_path / "run").steps())[0].step == 1


def test_documents_are_kept_whole_for_words_and_cut_into_passages_for_bags(prose, tmp_path):
    for model, one in (("tfidf", False), ("word2vec", True)):
        trainer = EncoderTrainer(prose, model).begin(tmp_path / model)
        opened = int((trainer.tokens("train") == trainer.tokenizer.bos).sum())
        assert (opened == 1) == one
    words = prose.characters * 0.9 / 6
    assert trainer.bags("validation").shape == (1, trainer.tokenizer.vocab_size)
    assert 0.5 * words / 100 < EncoderTrainer.resume(tmp_path / "tfidf").bags("train").shape[0] < 2 * words / 100


@pytest.mark.parametrize(
    ("most", "kept"),
    [(3, [0, 2, 4]), (4, [0, 1, 3, 5]), (6, [0, 1, 2, 3, 4, 5]), (7, range(7)), (100, range(7)), (1, [0])],
)
def test_of_many_held_out_passages_some_are_kept_at_even_distances(most, kept, tmp_path):
    with open(tmp_path / "lines", "w+", encoding="utf-8") as lines:
        held_out = HeldOut(lines)
        held_out.extend(f"passage\n{number}" for number in range(4))
        held_out.extend(["passage\n4", "passage\n5", "passage\n6"])
        held_out.write(tmp_path / "kept", most)
    found = [json.loads(line)["text"] for line in (tmp_path / "kept").read_text(encoding="utf-8").splitlines()]
    assert found == [f"passage\n{number}" for number in kept]


class Passing:
    """A text of which nothing is there before it is read: `number` documents, all but one of them held out."""

    name, source, sha256, characters = "passing", "made while it is read", "", 10**8

    def __init__(self, number):
        self.number = number

    def parts(self):
        yield "train", True, "some words to learn from"
        for number in range(self.number):
            yield "validation", True, f"document {number}" + " of words to learn from" * 40


def test_a_text_that_is_larger_than_memory_is_begun_with(tmp_path, monkeypatch):
    monkeypatch.setattr("hornbook.encoder_trainer.MOST_PASSAGES", 100)
    tokenizer, peaks = Tokenizer.train(["some words to learn from"], "terms", min_count=1), []
    for number in (3000, 9000):
        trainer = EncoderTrainer(Passing(number), "tfidf", tokenizer=tokenizer)
        tracemalloc.start()
        try:
            trainer.begin(tmp_path / str(number))
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
        assert len((tmp_path / str(number) / files.PASSAGES).read_text(encoding="utf-8").splitlines()) == 100
    assert peaks[1] < peaks[0] + 500_000  # of the five millions that the second has more


def test_the_rungs_below_are_fitted_on_so_much_of_a_text_as_memory_holds(encoders, monkeypatch):
    encoder = encoders["word2vec"]
    words = read_stream(encoder.folder / files.TOKENS["train"], encoder.tokenizer.vocab_size)
    specials = encoder.tokenizer.special_ids
    for most in (700, 10**9):
        monkeypatch.setattr(yardsticks, "MOST_TOKENS", most)
        other = yardsticks.of_run("counts", encoder)
        counts = np.bincount(words[:most], minlength=encoder.tokenizer.vocab_size)
        counts[specials] = 0
        np.testing.assert_array_equal(other.network.export()["counts"], counts)


def test_subwords_are_counted_in_stretches(monkeypatch):
    monkeypatch.setattr("hornbook.fast.word2vec.ROUND", 7)
    ids = np.random.default_rng(0).integers(0, 12, 100).astype(np.uint16)
    np.testing.assert_array_equal(counted(ids, 14), np.bincount(ids, minlength=14))


def test_the_vocabulary_knows_nothing_of_what_is_held_out(tmp_path):
    text = " ".join(f"word{i % 50} and" for i in range(900)) + " secret" * 100
    trainer = EncoderTrainer(Corpus("x", [text]), "tfidf").begin(tmp_path / "run")
    assert trainer.tokenizer.id_of("and") is not None
    assert trainer.tokenizer.id_of("secret") is None


def test_how_often_a_text_is_read_depends_on_its_length():
    kind = kind_of("word2vec")
    assert [by_size(kind, characters)["epochs"] for characters in (1, 1_000_000, 10**9)] == [50, 12, 5]
    assert by_size(kind_of("lsa"), 100) == {}


def test_a_tokenizer_may_be_given(prose, tmp_path):
    tokenizer = Tokenizer.train(prose.documents, "bpe", vocab_size=400)
    encoder = finished(EncoderTrainer(prose, "tfidf", tokenizer=tokenizer).begin(tmp_path / "run"))
    assert encoder.encode(["anything"]).shape == (1, tokenizer.vocab_size)


def test_subwords_give_unknown_words_a_vector(prose, tmp_path):
    settings = QUICK["word2vec"] | {"subwords": "bpe"}
    encoder = finished(EncoderTrainer(prose, "word2vec", settings=settings).begin(tmp_path / "run"))
    vectors = encoder.vectors
    assert "objectlike" not in vectors.words
    assert np.abs(vectors.vector("objectlike")).sum() > 0
    again = TextEncoder.load(tmp_path / "run").vectors.vector("objectlike")
    np.testing.assert_array_equal(again, vectors.vector("objectlike"))


@pytest.mark.parametrize(
    ("model", "settings", "message"),
    [
        ("lsa", {"n_components": 10_000}, "n_components"),
        ("lda", {"n_components": 0}, "n_components"),
        ("word2vec", {"window": 0}, "window"),
        ("word2vec", {"architecture": "glove"}, "architecture"),
        ("tfidf", {"weighting": "bm25"}, "weighting"),
        ("tfidf", {"passage": 0}, "passage is 0"),
        ("tfidf", {"min_count": 10_000}, "leaves no terms"),
        ("lda", {"learning_rate": 1}, "no setting"),
    ],
)
def test_what_cannot_work_is_said_and_leaves_nothing(model, settings, message, prose, tmp_path):
    with pytest.raises(HornbookError, match=message):
        finished(EncoderTrainer(prose, model, settings=settings).begin(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_a_text_too_short_to_measure_is_trained_all_the_same(tmp_path):
    text = "the cat sat on the mat and the dog sat on the log; " * 4
    encoder = finished(EncoderTrainer(Corpus("short", [text]), "tfidf").begin(tmp_path / "run"))
    assert "half-match needs" in encoder.about["results"]["unmeasured"]
    assert "Nothing was measured" in (tmp_path / "run" / files.CARD).read_text()


def test_duplicated_documents_do_no_harm(tmp_path):
    documents = ["the same words again and again", "other words for others", "the third of the documents"] * 7
    encoder = finished(EncoderTrainer(Corpus("same", documents), "tfidf").begin(tmp_path / "run"))
    assert encoder.encode(documents).shape[0] == 21


def test_settings_must_be_positive():
    with pytest.raises(HornbookError, match="validation_tokens is -1"):
        EncoderSettings(validation_tokens=-1)
    with pytest.raises(HornbookError, match=r"passage is 2\.5; it needs a whole number"):
        EncoderSettings(passage=2.5)
    with pytest.raises(HornbookError, match="threads is 0"):
        EncoderSettings(threads=0)
    with pytest.raises(HornbookError, match="checkpoint_seconds is nan"):
        EncoderSettings(checkpoint_seconds=float("nan"))


def test_word_vectors_are_settled_for_texts_as_sif_says(encoders):
    from hornbook.reference import sif

    network, folder = encoders["word2vec"].network, encoders["word2vec"].folder
    np.testing.assert_allclose(network.weights, sif.sif_weights(network.counts), rtol=1e-6)
    tokenizer, passage = encoders["word2vec"].tokenizer, files.read_config(folder)["settings"]["passage"]
    stream = read_stream(folder / files.TOKENS["train"], tokenizer.vocab_size)
    assert len(stream) > 50 * passage
    passages = bags.of_stream(stream, tokenizer, passage).toarray()
    direction = sif.fit_direction(passages, network.vectors.astype(float), network.weights)
    np.testing.assert_allclose(network.direction, direction, atol=1e-4)  # of all passages, not of a few
    vectors = encoders["word2vec"].encode(["the value of an object", "a class statement"])
    assert np.abs(vectors @ network.direction).max() < 1e-5  # what all texts share is taken out
