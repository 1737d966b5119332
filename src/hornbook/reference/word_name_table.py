"""The rows of the table of names for the encoders of words and documents; name_table.py has the language models'."""

from hornbook.reference.name_table import Entry  # noqa: F401

LETTERS = {
    "N": "documents",
    "S": "topics, or dimensions kept (n_components)",
}

NUMBERS = {  # model -> name -> Entry(shape, formula, meaning), in the order they are made
    "counts": {},
    "lsa": {},
    "lda": {},
    "word2vec": {},
    "sif": {},
}

PARAMETERS = {
    "counts": {},
    "lsa": {},
    "lda": {},
    "word2vec": {},
    "sif": {},
}
