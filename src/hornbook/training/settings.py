"""Every setting of a training run, its default, and how `--set key=value` is read."""

from dataclasses import asdict, dataclass, fields, replace
from types import NoneType, UnionType
from typing import get_args

from hornbook.errors import HornbookError, nearest
from hornbook.reference.optim import SCHEDULES

OPTIMIZERS = ("sgd", "momentum", "adam", "adamw", "muon")
WORDS = {"optimizer": OPTIMIZERS, "schedule": tuple(SCHEDULES), "precision": ("auto", "float32", "bfloat16")}


@dataclass(frozen=True)
class Settings:
    """How a model is trained. Every field can be set from the command line: ``--set learning_rate=0.003``."""

    max_steps: int = 2000
    max_seconds: float | None = None  # stop, and finish the schedule, after this long
    batch_size: int = 16  # windows a step
    sequence_length: int | None = None  # tokens in a window; a transformer's is its block_size
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.99
    momentum: float = 0.95  # of sgd with momentum, and of muon
    muon_learning_rate: float = 0.02  # of the hidden matrices, when the optimizer is muon
    weight_decay: float = 0.1
    schedule: str = "cosine"
    warmup: float = 0.02  # share of the run in which the learning rate rises
    final_lr: float = 0.1  # the learning rate at the end, as a share of the highest
    clip_norm: float = 1.0  # 0 clips nothing
    precision: str = "auto"  # bfloat16 where the processor multiplies it, else float32
    validations: int = 20  # in the whole run, evenly spread; a checkpoint is written at each
    validation_tokens: int = 16384  # looked at by each of them; the final figure uses all there are
    checkpoint_seconds: float = 60.0  # longest time between two checkpoints
    patience: int | None = None  # stop after this many validations without a better one
    threads: int | None = None
    seed: int = 42

    def __post_init__(self):
        for name, words in WORDS.items():
            word = getattr(self, name)
            if word not in words:
                raise HornbookError(f'there is no {name} "{word}".{nearest(str(word), words)}')
        positive = [
            "max_steps",
            "batch_size",
            "learning_rate",
            "validations",
            "validation_tokens",
            "checkpoint_seconds",
            "muon_learning_rate",
        ]
        optional = ["sequence_length", "max_seconds", "patience", "threads"]
        for name in positive + [name for name in optional if getattr(self, name) is not None]:
            if not getattr(self, name) > 0:
                raise HornbookError(f"{name} is {getattr(self, name)}; it must be greater than 0.")
        for name in ("beta1", "beta2", "momentum", "warmup"):
            if not 0 <= getattr(self, name) < 1:
                raise HornbookError(f"{name} is {getattr(self, name)}; it must be at least 0 and below 1.")
        for name in ("weight_decay", "final_lr", "clip_norm", "seed"):
            if not getattr(self, name) >= 0:
                raise HornbookError(f"{name} is {getattr(self, name)}; it must be at least 0.")


USED_BY = {  # settings that only some optimizers have
    "beta1": ("adam", "adamw", "muon"),
    "beta2": ("adam", "adamw", "muon"),
    "momentum": ("momentum", "muon"),
    "muon_learning_rate": ("muon",),
}


def check_used(kind, chosen, given):
    """Raise HornbookError for a setting among `given` that would change nothing, with what would.

    `kind` is the model's row in MODELS, `chosen` all its settings.
    """
    training = {name for name in given if name in Settings.__dataclass_fields__}
    needless = sorted(training - {"seed", "threads"})  # which say how a run is repeated, not what it learns
    if kind.trained_by == "counting" and needless:
        names = ", ".join(needless)
        raise HornbookError(f"this model is counted, not trained in steps: {names} would change nothing; leave it out.")
    if kind.form == "transformer" and "sequence_length" in training:
        raise HornbookError("a transformer's window is its block_size: --set block_size=N, not sequence_length.")
    optimizer = chosen.get("optimizer", Settings.optimizer)
    for name in training & set(USED_BY):
        if optimizer in OPTIMIZERS and optimizer not in USED_BY[name]:
            raise HornbookError(
                f"{name} would change nothing: the optimizer is {optimizer}."
                f" --set optimizer={USED_BY[name][-1]} has it."
            )


def choose_precision(word):
    """What "auto" means on this machine: bfloat16 where the processor has products for it, else float32.

    They are twice as fast and, with weights kept in float32, as good for training. Raises HornbookError for a
    bfloat16 asked for in vain.
    """
    try:
        with open("/proc/cpuinfo") as file:
            flags = next(line for line in file if line.startswith("flags")).split()
    except (OSError, StopIteration):
        flags = []
    has = bool({"avx512_bf16", "amx_bf16"} & set(flags))
    if word == "bfloat16" and not has:
        raise HornbookError("this processor has no products in bfloat16; --set precision=float32 would work.")
    return "bfloat16" if has and word != "float32" else "float32"


def parse(assignments, *dataclasses):
    """``["max_steps=100", "n_layer=2"]`` → one dict of typed values for each dataclass, by which has the field.

    Raises HornbookError for a missing ``=``, an unknown key (nearest offered) or a value of the wrong type.
    """
    found = [{} for _ in dataclasses]
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        key = key.strip().replace("-", "_")
        if not equals:
            raise HornbookError(f'--set got "{assignment}"; it needs key=value, for example --set max_steps=500.')
        homes = [i for i, cls in enumerate(dataclasses) if key in _types(cls)]
        if not homes:
            raise HornbookError(
                f'there is no setting "{key}".{nearest(key, [name for cls in dataclasses for name in _types(cls)])}'
            )
        found[homes[0]][key] = _typed(key, text.strip(), _types(dataclasses[homes[0]])[key])
    return found


def changed(settings, **values):
    """`settings` with the values that are not None put in."""
    return replace(settings, **{name: value for name, value in values.items() if value is not None})


def as_dict(settings):
    return asdict(settings)


def _types(cls):
    return {field.name: field.type for field in fields(cls) if field.name != "vocab_size"}


def _typed(key, text, wanted):
    if isinstance(wanted, UnionType):
        if text.lower() in ("none", "off") and NoneType in get_args(wanted):
            return None
        wanted = next(kind for kind in get_args(wanted) if kind is not NoneType)
    if wanted is bool:
        words = {
            "true": True,
            "yes": True,
            "on": True,
            "1": True,
            "false": False,
            "no": False,
            "off": False,
            "0": False,
        }
        if text.lower() in words:
            return words[text.lower()]
    else:
        try:
            return wanted(text.replace("_", "")) if wanted is int else wanted(text)
        except ValueError:
            pass
    needs = {bool: "true or false", int: "a whole number", float: "a number", str: "a word"}[wanted]
    raise HornbookError(f'{key} got "{text}"; it needs {needs}.')
