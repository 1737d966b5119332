"""The rows of the table of names for the encoders of words and documents; name_table.py has the language models'."""

from hornbook.reference.name_table import Entry

LETTERS = {
    "N": "documents",
    "S": "topics, or dimensions kept (n_components)",
}

_COUNTED = {
    "bags": Entry("N V", "", "how often each word occurs in each document"),
    "lengths": Entry("N", "Σ bags over words", "how many words each document has (weighting normalized, bm25)"),
    "tf": Entry("N V", "bags, or 1 + ln bags where above 0", "term frequency (tfidf; the second if sublinear)"),
    "idf": Entry("V", "ln((1 + N) / (1 + n)) + 1", "how rare a word is (tfidf; of bm25, ln(1 + (N − n + ½) / (n + ½)))"),
    "tf_idf": Entry("N V", "tf · idf", "weights before each document's are divided by their length (tfidf)"),
    "saturated": Entry("N V", "bags / (bags + k1 (1 − b + b · lengths / mean_length))", "from 0 towards 1 (bm25)"),
    "weighted": Entry("N V", "a word of WEIGHTINGS", "what stands for each count: the document's vector"),
}
_KNOWN_OF_COUNTS = {
    "counts": Entry("V", "", "how often each word occurs in all documents"),
    "document_frequency": Entry("V", "", "n, how many documents have the word"),
    "n_documents": Entry("", "", "N, the documents that were counted"),
    "mean_length": Entry("", "", "words of a document, on average"),
}

NUMBERS = {  # model -> name -> Entry(shape, formula, meaning), in the order they are made
    "counts": _COUNTED,
    "lsa": {
        **_COUNTED,
        "components.i.iterations.i.sigma": Entry("", "‖weighted v‖", "how far the texts stretch along v, at a step"),
        "components.i.iterations.i.v": Entry("V", "weightedᵀ weighted v / its length", "the direction after a step"),
        "vectors": Entry("N S", "weighted componentsᵀ", "where each document lies"),
        "term_vectors": Entry("V S", "componentsᵀ · singular_values", "where each word lies"),
    },
    "lda": {},
    "word2vec": {},
    "sif": {
        "word_weights": Entry("V", "a / (a + counts / Σ counts)", "what a word counts: less, the more frequent"),
        "mean": Entry("N D", "(bags · word_weights) wte / Σ bags", "the mean of a document's weighted word vectors"),
        "components.i.iterations.i.sigma": Entry("", "‖mean v‖", "how far the texts stretch along v, at a step"),
        "components.i.iterations.i.v": Entry("D", "meanᵀ mean v / its length", "the direction after a step"),
        "direction": Entry("D", "the first singular vector of mean", "what all documents have in common"),
        "vectors": Entry("N D", "mean − (mean · direction) direction", "the documents' vectors"),
    },
}

PARAMETERS = {
    "counts": _KNOWN_OF_COUNTS,
    "lsa": {
        **_KNOWN_OF_COUNTS,
        "components": Entry("S V", "", "directions, a row of length 1 each, at right angles to one another"),
        "singular_values": Entry("S", "", "how far the documents stretch along each, the farthest first"),
        "explained_variance_ratio": Entry("S", "", "the share of the documents' variance in each"),
    },
    "lda": {},
    "word2vec": {},
    "sif": {
        "wte": Entry("V D", "", "the word vectors"),
        "counts": Entry("V", "", "how often each word occurs in all documents"),
        "direction": Entry("D", "", "what all documents have in common"),
    },
}
