"""hornbook: text models small enough to read, fast enough to use, with every number visible."""

from importlib import import_module

__version__ = "0.1.0"

# public name -> the module it lives in; loaded when first used, so that `import hornbook` is instant
_HOME = {
    "HornbookError": "errors",
    "LanguageModel": "language_model",
    "TextEncoder": "encoder",
    "Tokenizer": "tokenizer",
    "Trace": "trace",
    "WordVectors": "vectors",
    "corpus": "corpus",
    "see": "trace",
}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'hornbook' has no attribute {name!r}")
    module = import_module(f"hornbook.{_HOME[name]}")
    return module if _HOME[name] == name else getattr(module, name)


def __dir__():
    return [*globals(), *__all__]
