"""The tokenizers of BERT folders: read from tokenizer.json or vocab.txt, and written so that others frame texts alike.

A text that itself says "[SEP]" is marks and letters here, as everywhere in hornbook; sentence-transformers takes it for
the end of a text. All other texts have the same ids.
"""

import json

import tokenizers
from tokenizers import models, normalizers, pre_tokenizers, processors

from hornbook.errors import HornbookError
from hornbook.files import write_json, write_text
from hornbook.tokenizer import Tokenizer


def load_tokenizer(place):
    """The Tokenizer of a folder: its tokenizer.json, else one made from its vocab.txt."""
    said = read_json(place / "tokenizer_config.json", {})
    if (place / "tokenizer.json").exists():
        backend = Tokenizer.load(place).backend
    elif (place / "vocab.txt").exists():
        backend = from_vocabulary((place / "vocab.txt").read_text(encoding="utf-8").split("\n"), said)
    else:
        raise HornbookError(f"{place} has neither tokenizer.json nor vocab.txt, so no text can be read.")
    if read_json(place / "sentence_bert_config.json", {}).get("do_lower_case"):
        before = [backend.normalizer] if backend.normalizer else []
        backend.normalizer = normalizers.Sequence([normalizers.Lowercase(), *before])
    return Tokenizer(backend)


def from_vocabulary(lines, said):
    """BERT's tokenizer: clean, lower, take accents off, cut at blanks and marks, then the longest pieces known."""
    id_of = {token: id_ for id_, token in enumerate(lines) if token}
    specials = [said.get(f"{role}_token", f"[{role.upper()}]") for role in ("unk", "cls", "sep", "pad", "mask")]
    if missing := [token for token in specials[:3] if token not in id_of]:
        raise HornbookError(f"vocab.txt has no {' and no '.join(missing)}; it is no BERT's.")
    backend = tokenizers.Tokenizer(models.WordPiece(id_of, unk_token=specials[0]))
    backend.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=said.get("tokenize_chinese_chars", True),
        strip_accents=said.get("strip_accents"), lowercase=said.get("do_lower_case", True),
    )  # fmt: skip
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.add_special_tokens([token for token in specials if token in id_of])
    return backend


def save_tokenizer(place, tokenizer, max_tokens):
    """Our ids, and the <BOS> and <EOS> that our `fast.encode` puts around a text, by the tokenizer itself."""
    token = {role: tokenizer.tokens([id_])[0] for role in ("pad", "unk", "bos", "eos", "mask")
             if (id_ := getattr(tokenizer, role)) is not None}  # fmt: skip
    if {"pad", "bos", "eos"} - token.keys():
        raise HornbookError("sentence-transformers needs a vocabulary with <PAD>, <BOS> and <EOS>.")
    backend = tokenizers.Tokenizer.from_str(tokenizer.backend.to_str())
    around = [(token[role], getattr(tokenizer, role)) for role in ("bos", "eos")]
    backend.post_processor = processors.TemplateProcessing(
        single=f"{token['bos']} $A {token['eos']}", special_tokens=around
    )
    write_text(place / "tokenizer.json", backend.to_str(pretty=True))
    names = {"pad": "pad_token", "unk": "unk_token", "bos": "cls_token", "eos": "sep_token", "mask": "mask_token"}
    write_json(place / "tokenizer_config.json", {names[role]: word for role, word in token.items()} | {
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": max_tokens,
        "model_input_names": ["input_ids", "attention_mask"],
    })  # fmt: skip


def read_json(path, missing=None):
    """What a JSON file says, or `missing` where it is not there; HornbookError where it has to be, or is damaged."""
    if not path.exists() and missing is not None:
        return missing
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise HornbookError(f"{path.parent} holds no model of sentence-transformers: it has no {path.name}.") from error
    except ValueError as error:
        raise HornbookError(f"{path} is damaged: {error}.") from error
