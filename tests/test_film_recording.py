"""The film's recording: its form, the laws its numbers obey, facts of the subject, and cheap experiments done again."""

import json
import re

import numpy as np
import pytest

from hornbook import HornbookError
from hornbook.film.recording import FORMAT, Recording, place

RECORDING = Recording.load()
NAMES = list(RECORDING)
MATRICES = ("encoder.similarity", "eval.cosine")


def numbers():
    return [(name, RECORDING[name]) for name in NAMES
            if isinstance(RECORDING[name], int | float | np.ndarray)]  # fmt: skip


# -- its form -----------------------------------------------------------------------------------------------------


def test_the_file_is_small_and_says_nothing_of_the_machine():
    text = place().read_text(encoding="utf-8")
    assert len(text.encode()) <= 400_000
    assert not re.search(r"/(home|tmp|work|root|Users)/", text)


def test_every_value_has_a_run_that_says_how_it_came_about():
    wanted = {"corpus", "sha256", "model", "settings", "seed", "steps", "command"}
    for name in NAMES:
        assert set(RECORDING.run(name)) == wanted, name
        assert RECORDING.what(name), name
    assert {RECORDING.entry(name)["run"] for name in NAMES} == set(RECORDING.runs)


def test_shapes_are_those_of_the_values():
    for name in NAMES:
        assert np.shape(RECORDING[name]) == RECORDING.shape(name), name


def test_numbers_are_finite_and_of_seven_digits():
    for name, value in numbers():
        assert np.isfinite(value).all(), name
        for number in np.ravel(value).tolist():
            assert isinstance(number, int) or number == float(f"{number:.7g}"), name


def test_names_and_values_are_sorted_so_that_files_can_be_compared():
    kept = json.loads(place().read_text(encoding="utf-8"))
    assert list(kept["values"]) == sorted(kept["values"])
    assert list(kept["runs"]) == sorted(kept["runs"])


def test_writing_what_was_read_gives_the_same_file(tmp_path):
    pytest.importorskip("torch")
    from hornbook.film.record.keeping import Keeper

    Keeper(tmp_path, RECORDING.runs, RECORDING.values_as_kept).write(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == place().read_bytes()


def test_the_tables_for_scene_authors_are_those_of_the_file():
    from hornbook.film.record.__main__ import readme, with_table

    text = readme().read_text(encoding="utf-8")
    assert with_table(text, RECORDING) == text


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(HornbookError, match=r'Did you mean "loss\.example\.probs"'):
        RECORDING["loss.example.prob"]


def test_another_file_is_refused(tmp_path):
    (tmp_path / "other.json").write_text('{"format": "something else"}')
    with pytest.raises(HornbookError, match=FORMAT):
        Recording.load(tmp_path / "other.json")


# -- keeping ------------------------------------------------------------------------------------------------------


def test_what_is_not_finite_or_has_no_run_or_is_there_twice_is_not_kept(tmp_path):
    from hornbook.film.record.keeping import Keeper

    keep = Keeper(tmp_path)
    with pytest.raises(HornbookError, match="nothing has been said"):
        keep("loss", 1.0, "a loss", "lm")
    keep.run("lm", {"model": "gpt"})
    with pytest.raises(HornbookError, match="loss: nan"):
        keep("loss", [1.0, np.nan], "a loss", "lm")
    keep("loss", np.float32(1 / 3), "a loss", "lm")
    assert keep.values["loss"]["data"] == 0.3333333
    with pytest.raises(HornbookError, match="two values"):
        keep("loss", 1.0, "a loss", "lm")


def test_a_file_that_is_run_again_forgets_only_its_own_values(tmp_path):
    from hornbook.film.record.keeping import Keeper

    keep = Keeper(tmp_path)
    keep.run("lm", {"model": "gpt"})
    for by in ("one", "other"):
        keep.begin(by)
        keep(f"{by}.loss", 1.0, "a loss", "lm")
    keep.begin("one")
    assert list(keep.values) == ["other.loss"]


# -- facts --------------------------------------------------------------------------------------------------------


def test_the_textbooks_example():
    assert round(float(RECORDING["loss.example.probs"][5]), 3) == 0.490
    assert round(RECORDING["loss.example.loss"], 4) == 0.7133
    assert RECORDING["loss.example.logits"].tolist() == [0.1, 0.3, 0.8, 0.2, 0.1, 2.1, 0.4]


def test_a_blind_guess_is_the_logarithm_of_the_vocabulary():
    V = RECORDING["matrix.V"]
    assert RECORDING["loss.blind"] == pytest.approx(np.log(V), rel=1e-6)
    assert RECORDING["train.first.loss"] == pytest.approx(np.log(V), abs=0.1)
    assert RECORDING["eval.perplexity"][0] == pytest.approx(V)


def test_the_matrix_is_as_large_as_it_says():
    V, D = RECORDING["matrix.V"], RECORDING["matrix.D"]
    assert RECORDING["matrix.numbers"] == V * D
    assert RECORDING["matrix.bytes"] == 4 * V * D
    assert RECORDING["code.total"] == RECORDING["code.parameters"].sum()
    assert RECORDING["matrix.share"] == pytest.approx(V * D / RECORDING["code.total"], rel=1e-6)


# -- laws ---------------------------------------------------------------------------------------------------------


def test_probabilities_lie_between_0_and_1_and_sum_to_1():
    for name in NAMES:
        if name.endswith((".probs", ".shares")):
            assert ((RECORDING[name] >= 0) & (RECORDING[name] <= 1)).all(), name
    assert RECORDING["loss.example.probs"].sum() == pytest.approx(1, abs=1e-6)
    assert RECORDING["loss.probs.sum"] == pytest.approx(1, abs=1e-6)
    assert (RECORDING["task.top.probs"].sum(axis=1) < 1).all()
    assert RECORDING["train.shares"].sum() == pytest.approx(1, abs=1e-6)


def test_softmax_of_the_kept_logits_gives_the_kept_probabilities():
    assert np.exp(RECORDING["loss.logits"]) == pytest.approx(RECORDING["loss.exp"], rel=1e-5)
    assert RECORDING["loss.exp"] / RECORDING["loss.exp_sum"] == pytest.approx(RECORDING["loss.probs"], rel=1e-5)
    shares = RECORDING["loss.example.exp"] / RECORDING["loss.example.exp_sum"]
    assert shares == pytest.approx(RECORDING["loss.example.probs"], rel=1e-5)


@pytest.mark.parametrize("p, loss", [
    ("loss.p_target", "loss.value"), ("loss.example.p_target", "loss.example.loss"),
    ("loss.curve.p", "loss.curve.loss"), ("task.target.probs", "loss.positions"),
])  # fmt: skip
def test_a_loss_is_minus_the_logarithm_of_what_came(p, loss):
    assert -np.log(RECORDING[p]) == pytest.approx(RECORDING[loss], abs=1e-4)


def test_the_losses_of_the_places_make_the_sentences():
    assert RECORDING["loss.positions"].mean() == pytest.approx(RECORDING["loss.mean"], rel=1e-6)
    assert RECORDING["loss.mean"] == pytest.approx(RECORDING["grad.loss.before"], rel=1e-6)


def test_the_gradient_of_the_logits_is_p_less_the_target():
    difference = RECORDING["grad.probs"] - RECORDING["grad.onehot"]
    assert difference == pytest.approx(RECORDING["grad.difference"], abs=1e-6)
    assert difference / RECORDING["grad.places"] == pytest.approx(RECORDING["grad.logits"], abs=1e-6)
    assert abs(RECORDING["grad.logits.sum"]) < 1e-12
    assert RECORDING["loss.example.grad"].sum() == pytest.approx(0, abs=1e-6)


def test_only_rows_that_were_read_move():
    assert RECORDING["grad.rows.used"] == len(set(RECORDING["grad.rows.ids"].tolist()))
    assert RECORDING["grad.rows.used"] + RECORDING["grad.rows.unused"] == RECORDING["matrix.V"]
    assert RECORDING["grad.rows.unused_max"] == 0
    assert not RECORDING["grad.unused.change"].any()
    assert (RECORDING["grad.unused.before"] == RECORDING["grad.unused.after"]).all()
    assert RECORDING["grad.unused.id"] not in RECORDING["grad.rows.ids"]
    assert RECORDING["grad.row.id"] in RECORDING["grad.rows.ids"]
    assert RECORDING["grad.head.rows"] == RECORDING["matrix.V"]


def test_a_step_of_sgd_is_minus_rate_times_gradient_and_helps():
    step = -RECORDING["grad.row.lr"] * RECORDING["grad.row.gradient"]
    assert step == pytest.approx(RECORDING["grad.row.step"], abs=1e-6)
    assert RECORDING["grad.row.before"] + step == pytest.approx(RECORDING["grad.row.after"], abs=1e-6)
    assert RECORDING["grad.loss.after"] < RECORDING["grad.loss.before"]


def test_finite_differences_agree_with_the_chain_rule():
    assert RECORDING["grad.check.difference"] < 1e-8
    assert RECORDING["grad.check.numeric"] == pytest.approx(RECORDING["grad.check.analytic"], rel=1e-6)


def test_a_lookup_is_a_product_with_one_hot_rows():
    product = RECORDING["matrix.onehot.small"] @ RECORDING["matrix.small"]
    assert (product == RECORDING["matrix.product"]).all()
    assert (RECORDING["matrix.small"][RECORDING["matrix.asked.rows"]] == RECORDING["matrix.product"]).all()
    assert RECORDING["matrix.lookup.difference"] == 0


def test_the_stream_begins_as_embedding_and_position():
    total = RECORDING["forward.embed"] + RECORDING["forward.position"]
    assert total == pytest.approx(RECORDING["forward.sum"], abs=1e-6)


def test_order_changes_what_becomes_of_a_word_and_not_its_row():
    assert RECORDING["forward.order.cosine.embed"] == pytest.approx(1)
    assert (RECORDING["forward.order.cosine.hidden"] < 0.999).all()
    assert (RECORDING["forward.order.one.embed"] == RECORDING["forward.order.other.embed"]).all()


def test_padding_changes_nothing_of_a_text():
    assert RECORDING["forward.batch.difference"] < 1e-12
    assert RECORDING["forward.batch.mask"].sum(axis=1).tolist() == RECORDING["forward.batch.lengths"].tolist()


@pytest.mark.parametrize("name", MATRICES)
def test_cosines_are_symmetric_with_ones_on_the_diagonal(name):
    cosines = RECORDING[name]
    assert cosines == pytest.approx(cosines.T, abs=1e-6)
    assert np.diag(cosines) == pytest.approx(1, abs=1e-6)


def test_perplexity_is_e_to_the_loss_and_the_model_beats_counting():
    assert np.exp(RECORDING["eval.nats"]) == pytest.approx(RECORDING["eval.perplexity"], rel=1e-5)
    assert RECORDING["eval.nats"].argmin() == RECORDING["eval.names"].index("lm")


def test_validation_turns_where_it_is_said_to():
    losses, steps = RECORDING["train.eval.loss"], RECORDING["train.eval.steps"]
    assert RECORDING["train.best.loss"] == losses.min()
    assert RECORDING["train.best.step"] == steps[losses.argmin()] < steps[-1]
    assert RECORDING["train.last.loss"] == losses[-1] > losses.min()
    worse = RECORDING["train.patience.step"] - RECORDING["train.best.step"]
    assert worse == RECORDING["train.patience"] * RECORDING["train.eval.every"]


def test_troubles_are_troubles_and_cures_cure():
    high, good, low = (RECORDING[f"trouble.rate.{word}.final"] for word in ("high", "good", "low"))
    assert high > RECORDING["loss.blind"] > low > good
    assert RECORDING["trouble.init.large.first"] > 2 * RECORDING["trouble.init.good.first"]
    stopped, last = RECORDING["trouble.fit.none.best"], RECORDING["trouble.fit.none.last"]
    assert last > RECORDING["trouble.fit.dropout.last"] > stopped
    assert RECORDING["trouble.clip.none.most"] > 100 * RECORDING["trouble.clip.clipped.most"]
    assert RECORDING["trouble.clip.none.final"] > RECORDING["trouble.clip.clipped.final"]
    assert RECORDING["trouble.norm.without"][-1] > 100 * RECORDING["trouble.norm.with"][-1]
    assert (np.diff(RECORDING["tokens.unknown.shares"]) < 0).all()


def test_an_early_stop_is_the_same_run_until_it_waited_long_enough():
    losses, patience = RECORDING["trouble.fit.stopped.validation"], RECORDING["trouble.fit.stopped.patience"]
    assert (losses == RECORDING["trouble.fit.none.validation"][: len(losses)]).all()
    assert losses.argmin() == len(losses) - 1 - patience and losses.min() == RECORDING["trouble.fit.none.best"]


@pytest.mark.parametrize("way", ["batches", "lengths"])
def test_what_needs_more_memory_than_is_allotted_did_not_run(way):
    fits = RECORDING[f"trouble.{way}.bytes"] <= RECORDING["trouble.memory.allotted"]
    assert (RECORDING[f"trouble.{way}.ran"] == fits).all() and 0 < fits.sum() < len(fits)
    assert "to allocate" in RECORDING[f"trouble.{way}.complaint"]
    half, whole = RECORDING[f"trouble.{way}.bytes"][-2:]
    assert whole / half == pytest.approx(4, rel=0.05)  # a quarter of the windows, or half the tokens


def test_a_process_is_told_to_have_run_or_to_have_wanted_more():
    pytest.importorskip("torch")
    pytest.importorskip("resource", reason="memory is limited as Unix does it")
    from hornbook.film.record.allotted import outcome

    assert outcome("lengths", 64, 2**29)["ran"]
    refused = outcome("lengths", 2048, 2**26)
    assert not refused["ran"] and "Unable to allocate" in refused["complaint"]


def test_the_opening_searches_with_an_encoder_that_was_trained_for_it():
    about, cosines = RECORDING.run("encoder.search.scores"), RECORDING["encoder.similarity"]
    assert (about["model"], about["corpus"]) == ("word2vec", "novels")
    assert about["settings"]["embedding_dim"] == RECORDING["encoder.width"]
    assert cosines[0].argsort()[-2] == 1 and cosines[2].argsort()[-2] == 3
    words = [len(re.findall(r"\w+", text)) for text in RECORDING["encoder.sentences"]]
    assert words == RECORDING["encoder.lengths.tokens"].tolist()


def test_the_one_hot_row_has_its_1_where_its_word_is():
    ids, words = RECORDING["columns.ids"], RECORDING["columns.words"]
    at = RECORDING["columns.onehot"].tolist().index(1)
    assert RECORDING["columns.onehot"].sum() == 1 and words[at] in RECORDING["matrix.words"]
    assert ids[at] == RECORDING["matrix.ids"][RECORDING["matrix.words"].index(words[at])]
    assert (np.diff(ids) == 1).all() and (np.diff(RECORDING["columns.counts"]) <= 0).all()


def test_the_programs_sizes_are_those_of_the_code_that_is_shown():
    pytest.importorskip("torch")
    from hornbook.film import example
    from hornbook.film.record.step_11 import parts_of, program_settings

    model = example.Encoder(RECORDING["program.vocab_size"])
    assert parts_of(model) == dict(zip(RECORDING["program.parts"], RECORDING["program.parameters"]))
    assert RECORDING["program.parameters"].sum() == RECORDING["program.total"]
    assert sum(weights.numel() for weights in model.parameters()) == RECORDING["program.total"]
    assert program_settings() == {name: RECORDING[f"program.{name}"] for name in program_settings()}
    assert RECORDING.run("program.log.perplexity")["steps"] == example.STEPS == RECORDING["program.log.steps"][-1]


def test_the_programs_settings_have_the_reasons_that_are_told():
    best = RECORDING["program.rates.perplexity"].argmin()
    assert (
        RECORDING["program.rates"][best] == RECORDING["program.learning_rate"] and len(RECORDING["program.rates"]) == 3
    )
    assert RECORDING["program.log.perplexity"][-1] == RECORDING["program.rates.perplexity"][best]
    assert 0.95 < RECORDING["program.twice"] / RECORDING["program.vocab_size"] <= 1


def test_the_parts_of_a_step_are_lines_of_the_loop_in_their_order():
    pytest.importorskip("torch")
    from hornbook.film import example
    from hornbook.film.record.step_09 import parts_of

    assert list(parts_of(example.train).values()) == RECORDING["train.parts"]


def test_lines_are_timed_each_time_they_are_run():
    pytest.importorskip("torch")
    from hornbook.film.record.step_09 import line_times

    def work(times):
        for _ in range(times):
            sum(range(300_000))
            pass

    times = line_times(work, lambda: work(3))
    assert len(times[2]) == len(times[3]) == 3 and len(times[1]) == 4
    assert sum(times[2]) > sum(times[3])


def test_rare_words_move_less_by_sgd_than_by_adam():
    sgd, adam = RECORDING["optim.rare.sgd"], RECORDING["optim.rare.adam"]
    assert (np.diff(RECORDING["optim.rare.counts"]) < 0).all()
    assert sgd[-1] / sgd[0] < adam[-1] / adam[0]


# -- cheap experiments again --------------------------------------------------------------------------------------

SAME = 1e-5  # relative; products of float32 differ in their last digits from one processor to the next


@pytest.fixture(scope="module")
def keeper(tmp_path_factory):
    pytest.importorskip("torch")
    from hornbook.film.record.keeping import Keeper

    return Keeper(tmp_path_factory.mktemp("film"), RECORDING.runs)


@pytest.fixture(scope="module")
def same_text():
    from hornbook import sources
    from hornbook.film.record.runs import frankenstein

    if not sources.find("frankenstein").here():
        pytest.skip("Frankenstein is not here: HORNBOOK_DATA, or a network once, has it")
    if frankenstein().sha256 != RECORDING.run("tokens.text")["sha256"]:
        pytest.skip("another edition of Frankenstein is here than the one recorded")


def assert_as_recorded(keep, tolerance=SAME):
    assert keep.values
    for name, entry in keep.values.items():
        assert entry["what"] == RECORDING.what(name), name
        kept, made = RECORDING.entry(name)["data"], entry["data"]
        if isinstance(RECORDING[name], np.ndarray | float):
            assert np.array(made) == pytest.approx(np.array(kept), rel=tolerance, abs=tolerance), name
        else:
            assert made == kept, name


def again(keep, experiment, *arguments):
    keep.begin("again")
    experiment(keep, *arguments)
    assert_as_recorded(keep)


def test_the_textbooks_example_again(keeper):
    from hornbook.film.record import source_example

    again(keeper, source_example.record)


def test_tokens_again(keeper, same_text):
    from hornbook.film.record import step_02

    again(keeper, step_02.record)


def test_first_values_and_schedules_again(keeper, same_text):
    from hornbook.film.record import step_03, step_08

    again(keeper, step_03._first_values)
    again(keeper, step_08._schedules)


def test_word_vectors_again(keeper):
    from hornbook.film.record import novels, step_03, step_10

    again(keeper, step_03._cosines)
    again(keeper, step_10._cosines, novels.run(keeper), novels.vectors())


def test_the_first_steps_of_the_language_model_again(same_text, tmp_path):
    pytest.importorskip("torch")
    from hornbook.film.record.runs import LM, first_lm, frankenstein, watched
    from hornbook.trainer import Trainer

    trainer = Trainer(frankenstein(), "gpt", tokenizer="words", settings=LM).begin(tmp_path / "lm")
    curves = watched(trainer, most=10)
    assert curves.loss[0] == pytest.approx(RECORDING["train.first.loss"], rel=1e-5)
    assert curves.norms[0] == pytest.approx(RECORDING["train.first.norm"], rel=1e-4)
    assert curves.loss[9] == pytest.approx(RECORDING["train.loss"][0], rel=1e-3)
    rows = first_lm()["wte"][RECORDING["matrix.ids"], :8]
    assert rows == pytest.approx(RECORDING["matrix.before"], abs=1e-6)
