// Numbers as people are shown them: four decimals, a true minus sign, and powers of ten only where they are needed.

export function format(value, digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return minus(value.toLocaleString("en"));
  const size = Math.abs(value);
  if (size < 0.5 * 10 ** -digits || size >= 1e6) return minus(value.toExponential(2)).replace(/e(.+)/, (_, power) => `·10${raised(power)}`);
  return minus(value.toFixed(digits));
}

// "−8" as it is written above the line.
const raised = (power) => power.replace("+", "").replace(/./g, (sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign] ?? "⁻");

const minus = (text) => text.replaceAll("-", "−");

// How a label and its index are written: ("layers.0.attn.q", [3, 2]) -> "layers.0.attn.q[3][2]".
export function spelt(name, index = []) {
  return name + index.map((i) => `[${i}]`).join("");
}

// The colour family of a number by its name, as hornbook.palette has it.
const FAMILIES = {
  grad: "loss", logits: "loss", probabilities: "loss", losses: "loss", loss: "loss", lm_head: "loss",
  embed: "embedding", pos_embed: "embedding", wte: "embedding", wpe: "embedding", attn: "attention", mlp: "mlp",
  m: "memory", v: "memory",
};

export function family(name) {
  return FAMILIES[name.split(".").find((word) => word in FAMILIES)] ?? "stream";
}
