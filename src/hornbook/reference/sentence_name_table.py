"""The rows of the table of names for what sentence encoders learn from; names.py looks things up in it."""

from hornbook.reference.name_table import Entry

LETTERS = {
    "U": "candidates that an anchor is compared with: the second of every pair, then further negatives",
    "W": "places at which N pairs can be cut in two, N + 1",
}

_VECTORS = {
    "anchors": Entry("B D", "", "the vectors of the first texts, of length 1"),
    "positives": Entry("U D", "", "the vectors of what they are compared with; row i belongs to anchor i"),
    "negatives": Entry("B D", "", "the vectors of what each anchor is to be farther from (triplet)"),
}

NUMBERS = {  # model -> name -> Entry(shape, formula, meaning), in the order they are made
    "pooling": {
        "hidden": Entry("B T D", "", "what the transformer made of each token"),
        "pooled": Entry("B D", "a word of POOLINGS", "one vector for each text"),
        "vector": Entry("B D", "pooled / ‖pooled‖", "the same, of length 1"),
    },
    "contrastive": {
        **_VECTORS,
        "scores": Entry("B U", "anchors positivesᵀ / temperature", "how alike every two are (info_nce)"),
        "logprobs": Entry("B U", "log softmax(scores)", "how surely each is taken for the anchor's own (info_nce)"),
        "distances": Entry("B", "‖anchors − positives‖", "how far apart each pair is (margin, triplet)"),
        "far": Entry("B", "‖anchors − negatives‖", "how far each anchor is from its negative (triplet)"),
        "cosines": Entry("B", "Σ anchors · positives", "how alike each pair is (cosine_mse, cosent)"),
        "gaps": Entry("B B", "(cosinesⱼ − cosinesᵢ) / temperature", "−∞ unless pair i is the more alike (cosent)"),
        "loss": Entry("", "a word of LOSSES", "how far the vectors are from what they are to be"),
    },
    "masking": {
        "ids": Entry("B T", "", "the text as numbers"),
        "asked": Entry("B T", "drawn with the probability share", "which tokens the model is asked for"),
        "inputs": Entry("B T", "ids; asked for, most are <MASK>", "what the model reads"),
    },
    "threshold": {
        "order": Entry("N", "argsort similarities", "the pairs, the least alike first"),
        "both": Entry("W", "", "pairs that are the same and taken for it, if the k least alike are not: k = 0 … N"),
        "score": Entry("W", "a word of MEASURES", "how good it is to cut there; −1 between equal similarities"),
    },
}

PARAMETERS = {model: {} for model in NUMBERS}

BUILT_ON = {"sentence": ("transformer", "pooling")}  # model -> those whose numbers and parameters are its own
