"""Wrong answers to Frankenstein 99, each with a piece of the diagnosis that it must get."""


def table(B, T, E, H, V, **other):
    right = {
        "features": (B, T),
        "embedded": (B, T, E),
        "z": (B, H + H + H + H),
        "cell": (B, H),
        "hidden": (B, T, H),
        "logits": (B, T, V),
        "flat_logits": (B * T, V),
        "flat_labels": (B * T,),
    }
    return tuple((right | other).values())


def steps(words):
    return words.split()


def letters(words):
    return dict(zip("abcdef", words.split()))


def runs(*words):
    return dict(zip("ABCD", words))


NOT_SHIFTED, NO_STEP, MIXED, RIGHT = "labels not shifted", "no optimizer step", "rows mixed up", "right"

WRONG = {
    "99.1": [
        (lambda B, T, E, H, V: table(B, T, E, H, V, z=(B, H)), "z has four blocks"),
        (lambda B, T, E, H, V: table(B, T, E, H, V, cell=(B, T, H)), "no time axis"),
        (lambda B, T, E, H, V: table(B, T, E, H, V, flat_logits=(B, T, V)), "not flat for the loss"),
        (lambda B, T, E, H, V: table(B, T, E, H, V, flat_labels=(B, T)), "flat labels have one axis"),
        (lambda B, T, E, H, V: table(B, T, E, H, V, logits=(B, T, H)), "V scores for each"),
    ],
    "99.2": [
        (steps("load tokenize ids vocabulary windows batches model loss training generation"), "ids come from"),
        (steps("load tokenize vocabulary ids batches windows model loss training generation"), "made of windows"),
        (steps("load tokenize vocabulary ids windows batches loss model training generation"), "the loss judges"),
        (steps("load tokenize vocabulary ids windows batches model loss generation training"), "not been trained"),
        (steps("load tokenize vocabulary ids windows batches model loss training"), "length is wrong"),
    ],
    "99.3": [
        (letters("generation training training training both generation"), "a and b are swapped"),
        (letters("training generation training training generation generation"), "h and c are carried along"),
        (letters("training generation training both both generation"), "changes no weights"),
        (letters("training generation training training both both"), "training draws nothing"),
        (letters("training generation both training both generation"), "labels are needed"),
        (letters("training generation training training both"), "What it holds"),
    ],
    "99.4": [
        (runs(RIGHT, NO_STEP, MIXED, NOT_SHIFTED), "lowest loss is not the best"),
        (runs(NOT_SHIFTED, MIXED, NO_STEP, RIGHT), "B and C are swapped"),
        (runs(NOT_SHIFTED, NO_STEP, RIGHT, MIXED), "C goes nowhere"),
    ],
}
