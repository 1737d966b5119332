"""`hornbook train`: a corpus and a model's name in, a run folder out."""

from pathlib import Path
from typing import Annotated

import typer

from hornbook.cli import app

MODELS_HELP = (
    "To write text: uniform, unigram, ngram, rnn, lstm, gpt, microgpt. To make vectors of it: counts, normalized,"
    " tfidf, bm25, lsa, lda, word2vec, mlm, contrastive."
)


@app.command(
    epilog="Examples:\n"
    "  hornbook train frankenstein --model lstm\n"
    "  hornbook train notes/ --model gpt --preset nano --tokenizer bpe --vocab-size 2000\n"
    "  hornbook train shakespeare --model lstm --set hidden_size=256 --set learning_rate=0.003 --max-seconds 120\n"
    "  hornbook train novels/ --model word2vec --threads 2\n"
    "  hornbook train frankenstein --model lda --set n_components=10\n"
    "  hornbook train notes/ --model contrastive --from minilm\n"
    "  hornbook train --model contrastive --from minilm --pairs marked.tsv\n"
    "  hornbook train --resume --out runs/frankenstein-lstm\n\n"
    "What --set sets, beside the above:\n"
    "  rnn, lstm: embedding_dim, hidden_size, n_layer, init, dropout, sequence_length\n"
    "  gpt: n_layer, n_head, n_embd, block_size, norm, norm_place, activation, positions, head, kv, init, residual,"
    " bias, causal, dropout, std, embed_std, eps\n"
    "  ngram: order\n"
    "  word2vec: architecture, embedding_dim, window, negative, sample, ns_exponent, epochs, learning_rate, subwords\n"
    "  lsa: n_components; lda: n_components, sweeps, doc_topic_prior, topic_word_prior; all encoders: passage\n"
    "  mlm, contrastive: pairs, temperature, shortest, longest, apart, words, letters, pooling, objective, n_layer,"
    " n_head, n_embd, block_size, dropout\n"
    "  training: optimizer, learning_rate, beta1, beta2, momentum, muon_learning_rate, weight_decay, schedule, warmup,"
    " final_lr, clip_norm, precision, validations, validation_tokens, checkpoint_seconds, patience\n"
    "A wrong word is answered with the right ones: --set optimizer=? and --set norm=? list them."
)
def train(
    context: typer.Context,
    corpus: Annotated[str | None, typer.Argument(help="A named corpus, a file, a folder, a glob, or - .")] = None,
    model: Annotated[str, typer.Option(help=MODELS_HELP)] = "lstm",
    preset: Annotated[
        str | None, typer.Option(help="Size of a gpt by name: nano (the default), micro or small.")
    ] = None,
    tokenizer: Annotated[
        str | None,
        typer.Option(
            help="characters, words, terms, bpe, wordpiece, or a tokenizer.json. Default: characters; encoders: terms."
        ),
    ] = None,
    vocab_size: Annotated[
        int | None, typer.Option(help="Most tokens the tokenizer may have. Default: all characters; else its own.")
    ] = None,
    min_count: Annotated[int | None, typer.Option(help="Words met less often are unknown to it.")] = None,
    documents: Annotated[str | None, typer.Option(help="What one document is: whole, line or paragraph.")] = None,
    field: Annotated[str | None, typer.Option(help="The JSON field or the column that holds the text.")] = None,
    encoding: Annotated[str, typer.Option(help="How the bytes of text files stand for characters.")] = "utf-8",
    out: Annotated[Path | None, typer.Option(help="The run folder. Default: runs/CORPUS-MODEL.")] = None,
    max_steps: Annotated[
        int | None, typer.Option(help="Stop after this many steps. Default: rnn, lstm 4000; gpt 3000; microgpt 1000.")
    ] = None,
    max_seconds: Annotated[
        float | None,
        typer.Option(help="Stop after this long, if --max-steps is not reached before; the schedule is fitted to it."),
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="Windows a step; names, for microgpt. Default: rnn, lstm 36; gpt 16; microgpt 1.")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--from", help="mlm, contrastive: go on from known weights: minilm, a run, a BERT folder."),
    ] = None,
    pairs: Annotated[
        Path | None,
        typer.Option(
            help="contrastive: learn from marked pairs instead of a corpus: a table or .jsonl with the columns text_a,"
            " text_b, label (same, different or a score), or anchor, positive, negative."
        ),
    ] = None,
    threads: Annotated[int | None, typer.Option(help="Threads. Default: chosen, and printed; word2vec, lda 1.")] = None,
    seed: Annotated[int | None, typer.Option(help="Fixes weights, batches and dropout. Default: 42.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Any other setting; may be repeated. A misspelt one is answered with the nearest.",
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Start the run in --out anew.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
):
    """Train a language model or an encoder on your text, and measure it beside the rungs below it.

    Ctrl-C finishes the step in hand and keeps it; kill -9 loses at most the steps since the last validation.
    Either way --resume goes on to the same losses as an uninterrupted run.
    """
    from hornbook.cli import console
    from hornbook.cli.progress import train_with_bar
    from hornbook.errors import HornbookError
    from hornbook.models import kind_of
    from hornbook.run import default_folder, read_config
    from hornbook.streamed import load_or_stream

    if resume:
        _only_resumes(context)
        if out is None:
            raise HornbookError("--resume needs the run folder: hornbook train --resume --out runs/NAME")
        trainer = kind_of(read_config(out)["model"]).trainer.resume(out)
    else:
        if corpus is None and pairs is None:
            raise HornbookError(
                "train needs a corpus: a name from `hornbook corpora`, a file, a folder, a glob, or - ."
            )
        options = {
            "vocab_size": vocab_size,
            "min_count": min_count,
            "max_steps": max_steps,
            "max_seconds": max_seconds,
            "batch_size": batch_size,
            "threads": threads,
            "seed": seed,
            "from": start,
        }
        given = {key: value for key, value in options.items() if value is not None}
        if model == "microgpt":
            documents = documents or "line"  # a list of names
        kind = kind_of(model)
        given |= _assignments(set_ or [], kind)
        with console(stderr=True, quiet=quiet).status("reading the text and cutting it into tokens"):
            text = _marked(pairs, corpus, model, given) if pairs else load_or_stream(corpus, documents, field, encoding)
            trainer = kind.trainer(text, model, preset, _tokenizer(tokenizer), given)
            trainer.begin(out or default_folder(pairs or corpus, model), overwrite)
    train_with_bar(trainer, quiet)


def _only_resumes(context):
    """Raise HornbookError for an option that --resume, which goes on with the run's own choices, would ignore."""
    from hornbook.errors import HornbookError

    for name in set(context.params) - {"resume", "out", "quiet"}:
        if context.get_parameter_source(name).name == "COMMANDLINE":
            word = "a corpus" if name == "corpus" else f"--{name.rstrip('_').replace('_', '-')}"
            raise HornbookError(
                f"--resume goes on with what the run was begun with, so {word} cannot be given:"
                " hornbook train --resume --out runs/NAME"
            )


def _marked(pairs, corpus, model, given):
    """The texts of --pairs. HornbookError for a corpus beside them, which they stand for, and for other models."""
    from hornbook.errors import HornbookError
    from hornbook.labelled_pairs import Marked

    if corpus is not None:
        raise HornbookError(f"--pairs is learnt from instead of a corpus: leave out {corpus}, or --pairs.")
    if model != "contrastive":
        raise HornbookError(f"--pairs is learnt from by --model contrastive; this is --model {model}.")
    return Marked(pairs, given.get("objective", "auto"))


def _tokenizer(word):
    """A kind's name as it is; a path to a tokenizer.json, or a run folder, as the tokenizer in it."""
    if word is None:
        return None
    path = Path(word)
    if path.suffix == ".json" or path.is_dir():
        from hornbook.tokenizer import Tokenizer

        return Tokenizer.load(path / "tokenizer.json" if path.is_dir() else path)
    return word


def _assignments(assignments, kind):
    from hornbook.training.settings import Settings, parse

    homes = [Settings]
    if kind.is_encoder and kind.trained_by == "gradient":
        from hornbook.sentence_settings import SentenceSettings

        homes = [SentenceSettings, Settings]
    elif kind.is_encoder:
        from hornbook.encoder_trainer import EncoderSettings

        homes = [EncoderSettings]
    found = parse(assignments, *homes, kind.reference.Config)
    return {key: value for part in found for key, value in part.items()}
