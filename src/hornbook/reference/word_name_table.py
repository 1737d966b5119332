"""The rows of the table of names for the encoders of words and documents; name_table.py has the language models'."""

from hornbook.reference.name_table import Entry

LETTERS = {
    "N": "documents",
    "S": "topics, or dimensions kept (n_components)",
    "R": "words a block reads: its centres and their neighbours",
    "C": "centres of a block, one window each",
    "M": "negatives that a block shares",
    "I": "inputs of a block: its words (skipgram), or its windows (cbow)",
    "O": "outputs of a block: its centres, then its negatives",
    "J": "clusters (k)",
}

_COUNTED = {
    "bags": Entry("N V", "", "how often each word occurs in each document"),
    "lengths": Entry("N", "Σ bags over words", "how many words each document has (weighting normalized, bm25)"),
    "tf": Entry("N V", "bags, or 1 + ln bags where above 0", "term frequency (tfidf; the second if sublinear)"),
    "idf": Entry("V", "ln((1 + N) / (1 + n)) + 1", "how rare a word is (tfidf; bm25: ln(1 + (N − n + ½) / (n + ½)))"),
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
    "lda": {
        "sweeps.i.assignments": Entry("T", "drawn from conditional", "the topic of every token after the sweep"),
        "sweeps.i.doc_topic": Entry("N S", "", "how many tokens of each document have each topic"),
        "sweeps.i.word_topic": Entry("V S", "", "how many tokens of each word have each topic"),
        "sweeps.i.topic": Entry("S", "Σ word_topic", "how many tokens each topic has"),
        "sweeps.i.loss": Entry("", "−mean ln p(word | all other tokens)", "mean surprise in nats, each when asked"),
        "liked": Entry("S", "n_ds + α", "how much the document likes each topic, without the token that is asked"),
        "offered": Entry("S", "(n_ws + β) / (n_s + V β)", "p(word | topic), without the token that is asked"),
        "weights": Entry("S", "liked · offered", "how much speaks for each topic"),
        "conditional": Entry("S", "weights / Σ weights", "the probability that the token is given each topic"),
    },
    "word2vec": {
        "words": Entry("R", "", "the words of a block: neighbouring centres, and `window` words around them"),
        "negatives": Entry("M", "p(w) ∝ count(w)^¾", "words drawn as noise, which all windows of the block share"),
        "centres": Entry("C", "", "the words whose windows these are"),
        "rows": Entry("R D", "wte[words], bpe: own[words] + mean pieces", "the vectors of the words"),
        "windows": Entry("R C", "", "1 where a word is in reach of a centre, in its document"),
        "mixing": Entry("I R", "1, or windowsᵀ / size", "inputs are single words, or means of windows"),
        "positive": Entry("I C", "", "1 where an input and a centre are a true pair"),
        "inputs": Entry("I D", "mixing rows", "what each centre is told from"),
        "noise_weights": Entry("I M", "negative / M · pairs with another centre", "what each negative weighs"),
        "outputs": Entry("O D", "lm_head[centres, negatives]", "what the inputs are compared with"),
        "scores": Entry("I O", "inputs outputsᵀ", "how well each input fits each output"),
        "probs": Entry("I O", "σ(scores)", "the probability that the two are a true pair"),
        "pairs": Entry("", "Σ positive", "how many true pairs the block has"),
        "surprise": Entry("I O", "−ln σ(±scores)", "nats: + for centres, − for noise"),
        "pull": Entry("R D", "(mixing > 0)ᵀ grad.inputs", "what moves each word's vector; skipgram: grad.rows"),
        "loss": Entry("", "Σ [positive, noise_weights] · surprise", "the block's loss in nats, a sum over its pairs"),
    },
    "sif": {
        "word_weights": Entry("V", "a / (a + counts / Σ counts)", "what a word counts: less, the more frequent"),
        "mean": Entry("N D", "(bags · word_weights) wte / Σ bags", "the mean of a document's weighted word vectors"),
        "components.i.iterations.i.sigma": Entry("", "‖mean v‖", "how far the texts stretch along v, at a step"),
        "components.i.iterations.i.v": Entry("D", "meanᵀ mean v / its length", "the direction after a step"),
        "direction": Entry("D", "the first singular vector of mean", "what all documents have in common"),
        "vectors": Entry("N D", "mean − (mean · direction) direction", "the documents' vectors"),
    },
    "kmeans": {
        "starts.i.first_centres": Entry("J D", "rows, p ∝ 1 − cosine to the nearest drawn", "where a try begins"),
        "starts.i.rounds.i.clusters": Entry("N", "argmax unit centresᵀ", "the centre that each document points to"),
        "starts.i.rounds.i.cosines": Entry("N", "max unit centresᵀ", "how near each document is to its centre"),
        "starts.i.rounds.i.centres": Entry("J D", "Σ unit / ‖Σ unit‖ over a cluster", "the directions of the clusters"),
        "starts.i.clusters": Entry("N", "argmax unit centresᵀ", "the clusters at the end of a try"),
        "starts.i.cosines": Entry("N", "max unit centresᵀ", "how near each is then; the try of the most is kept"),
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
    "lda": {
        "topic_word": Entry("S V", "", "how many tokens of each word each topic has, a mean over the last sweeps"),
        "counts": Entry("V", "", "how many tokens each word has; 0 for words that have no topic"),
    },
    "word2vec": {
        "wte": Entry("V D", "", "word vectors, one row a word (subwords none)"),
        "own": Entry("V D", "", "what a word's vector has beside its pieces (subwords bpe)"),
        "pieces": Entry("P D", "", "vectors of the pieces that words are spelt with (subwords bpe)"),
        "lm_head": Entry("V D", "", "output vectors: what a word looks like as a centre, or as noise"),
    },
    "sif": {
        "wte": Entry("V D", "", "the word vectors"),
        "counts": Entry("V", "", "how often each word occurs in all documents"),
        "direction": Entry("D", "", "what all documents have in common"),
    },
    "kmeans": {"centres": Entry("J D", "", "the directions of the clusters, a row of length 1 each")},
}
