// Runs first in the page: inflates the numbers and the script that packing.py deflated, and puts both where they belong.
(async () => {
  const at = (id) => document.getElementById(id), bytes = Uint8Array.from(atob(at("packed").textContent), (letter) => letter.charCodeAt(0));
  const { data, script } = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
  const element = document.createElement("script");
  at("data").textContent = data;
  element.textContent = script;
  document.body.append(element);
})().catch((error) => document.getElementById("head").append(`This page needs a browser of 2023 or later: ${error.message}`));
