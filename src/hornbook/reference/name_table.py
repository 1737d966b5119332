"""The rows of the table of names: every number and parameter of the language models. names.py looks things up in it."""

from typing import NamedTuple


class Entry(NamedTuple):
    """One row of the table; `shape` is letters with spaces between, "4H" being four times H."""

    shape: str
    formula: str
    meaning: str


LETTERS = {
    "B": "texts in the batch",
    "T": "tokens of each text",
    "V": "tokens in the vocabulary",
    "D": "width of the model, and of an embedding",
    "A": "attention heads",
    "K": "width of one head, D / A",
    "F": "width inside the MLP, 4 D",
    "P": "positions, block_size",
    "H": "hidden width of an RNN or LSTM",
    "G": "different sequences of i tokens that were counted",
}

_BEFORE = {
    "ids": Entry("B T", "", "the text as numbers: each token's row in the vocabulary"),
    "embed": Entry("B T D", "wte[ids]", "the row of wte that belongs to each token"),
}
_AFTER = {
    "targets": Entry("B T", "ids, one later", "the tokens that really came next"),
    "logprobs": Entry("B T V", "log softmax(logits)", "the logarithm of each token's probability of coming next"),
    "loss": Entry("", "−mean logprobs[targets]", "mean surprise at what came next, in nats"),
}
_TRANSFORMER = {
    "mask": Entry("B T", "", "which tokens are text, not padding; nobody looks at padding"),
    "pos_embed": Entry("T D", "wpe[0 … T−1]", "the row of wpe that belongs to each position (learned positions)"),
    "embed_norm": Entry("B T D", "norm(embed + pos_embed)", "the stream at its source (norm_place micro, post)"),
    "kv.norm": Entry("B T D", "norm(embed + pos_embed)", "what the shared keys and values are made of (kv shared)"),
    "kv.k": Entry("B A T K", "kv.norm wkᵀ + bk, turned", "the keys that all layers share (kv shared)"),
    "kv.v": Entry("B A T K", "kv.norm wvᵀ + bv", "the values that all layers share (kv shared)"),
    "layers.i.resid_pre": Entry("B T D", "what the layer before left", "the residual stream as the layer finds it"),
    "layers.i.norm1": Entry("B T D", "norm(resid_pre), post: norm(resid_mid)", "read by attention; post: by the MLP"),
    "layers.i.attn.q": Entry("B A T K", "norm1 (post: resid_pre) wqᵀ + bq, turned", "what each token looks for"),
    "layers.i.attn.k": Entry("B A T K", "norm1 wkᵀ + bk, turned", "keys: what finds each token (kv per_layer)"),
    "layers.i.attn.v": Entry("B A T K", "norm1 wvᵀ + bv", "values: what each token gives (kv per_layer)"),
    "layers.i.attn.scores": Entry("B A T T", "q kᵀ / √K", "how well each query (row) fits each key (column)"),
    "layers.i.attn.pattern": Entry("B A T T", "softmax(masked scores)", "who looks at whom; a row sums to 1"),
    "layers.i.attn.z": Entry("B A T K", "pattern v", "what each token gathered, head by head"),
    "layers.i.attn.out": Entry("B T D", "z woᵀ + bo, heads side by side", "what attention adds to the stream"),
    "layers.i.resid_mid": Entry("B T D", "resid_pre + attn.out", "the residual stream between attention and MLP"),
    "layers.i.norm2": Entry("B T D", "norm(resid_mid), post: norm(resid_post)", "read by the MLP; post: the result"),
    "layers.i.mlp.pre": Entry("B T F", "norm2 fc1ᵀ + b1 (post: norm1)", "the MLP's neurons before the activation"),
    "layers.i.mlp.post": Entry("B T F", "activation(mlp.pre)", "the MLP's neurons after it"),
    "layers.i.mlp.out": Entry("B T D", "mlp.post fc2ᵀ + b2", "what the MLP adds to the stream"),
    "layers.i.resid_post": Entry("B T D", "resid_mid + mlp.out (post: norm1)", "the residual stream behind the MLP"),
    "norm_final": Entry("B T D", "norm(resid_post of the last layer)", "what the head reads (norm_place pre)"),
    "hidden": Entry("B T D", "norm_final, or what the last layer left", "what each token became (head none)"),
    "logits": Entry("B T V", "norm_final lm_headᵀ", "a score for every token as the next (tied: wte is lm_head)"),
}
_RNN = {
    "layers.i.pre": Entry("B T H", "w_x x + w_h hidden[t−1] + b", "the hidden state before tanh"),
    "layers.i.hidden": Entry("B T H", "tanh(pre)", "the hidden state: all that is known of the text so far"),
}
_LSTM = {
    "layers.i.gates.input": Entry("B T H", "σ(w_x x + w_h hidden[t−1] + b) i", "how much of the candidate enters"),
    "layers.i.gates.forget": Entry("B T H", "σ(…) f", "how much of the old cell stays"),
    "layers.i.candidate": Entry("B T H", "tanh(…) g", "what could be written to the cell"),
    "layers.i.gates.output": Entry("B T H", "σ(…) o", "how much of the cell is shown"),
    "layers.i.cell": Entry("B T H", "forget ∘ cell[t−1] + input ∘ candidate", "the long memory"),
    "layers.i.hidden": Entry("B T H", "output ∘ tanh(cell)", "what the cell shows: the layer's result"),
}
_HIDDEN_LOGITS = {"logits": Entry("B T V", "hidden lm_headᵀ + lm_bias", "a score for every token as the next")}

_NGRAM = {
    "orders.i.counts": Entry("B T V", "c(context, token)", "how often each token followed; as a parameter: each key"),
    "orders.i.totals": Entry("B T", "Σ counts", "how often those i − 1 tokens were followed by anything"),
    "orders.i.backoff": Entry("B T", "Σ D(counts) / totals", "the share γ that is left to the order below"),
    "orders.i.discounted": Entry("B T V", "(counts − D(counts)) / totals", "what this order says, discounted by D"),
    "orders.i.probs": Entry("B T V", "discounted + backoff · probs of the order below", "order 0: 1 / V"),
    "logits": Entry("B T V", "log probs of the highest order", "log probability of each token as the next"),
}
NUMBERS = {
    "ngram": {"ids": _BEFORE["ids"]} | _NGRAM | _AFTER,
    "transformer": _BEFORE | _TRANSFORMER | _AFTER,
    "rnn": _BEFORE | _RNN | _HIDDEN_LOGITS | _AFTER,
    "lstm": _BEFORE | _LSTM | _HIDDEN_LOGITS | _AFTER,
}

_TRANSFORMER_WEIGHTS = {
    "wte": Entry("V D", "", "token embeddings, one row a token; also the head (head tied)"),
    "wpe": Entry("P D", "", "position embeddings, one row a position (positions learned)"),
    "lm_head": Entry("V D", "", "the head, one row a token (head untied)"),
    "kv.wk": Entry("D D", "", "to the keys of all layers (kv shared)"),
    "kv.wv": Entry("D D", "", "to the values of all layers (kv shared)"),
    "kv.bk": Entry("D", "", "bias of the keys of all layers (kv shared, bias)"),
    "kv.bv": Entry("D", "", "bias of the values of all layers (kv shared, bias)"),
    "layers.i.attn.wq": Entry("D D", "", "to the queries, head by head"),
    "layers.i.attn.wk": Entry("D D", "", "to the keys (kv per_layer)"),
    "layers.i.attn.wv": Entry("D D", "", "to the values (kv per_layer)"),
    "layers.i.attn.wo": Entry("D D", "", "from what the heads gathered back to the stream"),
    "layers.i.attn.bq": Entry("D", "", "bias of the queries (bias)"),
    "layers.i.attn.bk": Entry("D", "", "bias of the keys (kv per_layer, bias)"),
    "layers.i.attn.bv": Entry("D", "", "bias of the values (kv per_layer, bias)"),
    "layers.i.attn.bo": Entry("D", "", "bias of what attention adds (bias)"),
    "layers.i.mlp.fc1": Entry("F D", "", "from the stream to the MLP's neurons"),
    "layers.i.mlp.fc2": Entry("D F", "", "from the MLP's neurons back to the stream"),
    "layers.i.mlp.b1": Entry("F", "", "bias of the MLP's neurons (bias)"),
    "layers.i.mlp.b2": Entry("D", "", "bias of what the MLP adds (bias)"),
} | {
    f"{norm}.{part}": Entry("D", "", f"{what} of every number after that norm (norm layernorm)")
    for norm in ("embed_norm", "kv.norm", "layers.i.norm1", "layers.i.norm2", "norm_final")
    for part, what in (("weight", "scale"), ("bias", "shift"))
}


def _recurrent_weights(gates, rows):
    return {
        "wte": Entry("V D", "", "embeddings, one row a token"),
        "layers.0.w_x": Entry(f"{gates}H D", "", f"from the embedding to {rows}"),
        "layers.i.w_x": Entry(f"{gates}H H", "", f"from the layer below to {rows}"),
        "layers.i.w_h": Entry(f"{gates}H H", "", f"from the layer's own hidden state before to {rows}"),
        "layers.i.b": Entry(f"{gates}H", "", f"bias of {rows}"),
        "lm_head": Entry("V H", "", "the head, one row a token"),
        "lm_bias": Entry("V", "", "bias of the head"),
    }


PARAMETERS = {
    "ngram": {
        "orders.i.keys": Entry("G", "", "the sequences counted: place of the first i − 1 tokens · V + the last"),
    },
    "transformer": _TRANSFORMER_WEIGHTS,
    "rnn": _recurrent_weights("", "the hidden state"),
    "lstm": _recurrent_weights("4", "the gates, in the order i, f, g, o"),
}


if __name__ == "__main__":
    for model, rows in NUMBERS.items():
        print(model, *rows, sep="\n  ")
