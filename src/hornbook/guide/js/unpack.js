// Runs first in the page: inflates the numbers and the script that packing.py deflated, and puts both where they belong.
(async () => {
  const signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;,=>?@^_.{|}~", worth = new Map([...signs].map((sign, i) => [sign, i]));
  const at = (id) => document.getElementById(id), [length, text] = at("packed").textContent.split(" "), bytes = new DataView(new ArrayBuffer((text.length / 5) * 4));
  for (let i = 0; i < text.length; i += 5) {
    let four = 0;
    for (let j = i; j < i + 5; j++) four = four * 85 + worth.get(text[j]);
    bytes.setUint32((i / 5) * 4, four);
  }
  const packed = new Blob([bytes.buffer.slice(0, Number(length))]);
  const { data, script } = await new Response(packed.stream().pipeThrough(new DecompressionStream("deflate"))).json();
  const element = document.createElement("script");
  at("data").textContent = data;
  element.textContent = script;
  document.body.append(element);
})().catch((error) => document.getElementById("head").append(`This page needs a browser of 2023 or later: ${error.message}`));
