// A trained view can be shared: how many steps were taken stands in the address, and who opens it trains as far.

const REST = 400; // milliseconds without a step until the address is written: browsers allow few changes a second

// Steps are repeatable that began with the weights as drawn, on the names that are in the page.
export function replay(app) {
  const { model, state } = app, asked = () => Math.max(0, Math.min(model.config.steps, Math.round(state.get("step", 0))));
  const here = () => (model.kind === "here" && from === "untrained" && model.list === app.packaged ? model.step : 0);
  let from = "untrained", timer = 0;

  // An address without a step asks for none: what was trained stays, and is written into it again.
  async function open() {
    if (!state.get("step")) return state.set("step", here() || "");
    const wanted = asked();
    if (wanted === here()) return;
    if (model.step || model.kind !== "untrained") model.restart();
    if (!wanted) return;
    await model.train(wanted);
    app.say(`Trained to step ${model.step}, as the address asks.`);
  }

  app.onStep(() => {
    if (model.kind !== "here") from = model.kind;
    clearTimeout(timer);
    timer = setTimeout(() => state.set("step", here() || ""), REST);
  });
  state.on("step", open);
  if (!app.data.run) return void open();
  const after = app.onKept((kind) => { if (kind === "run") { after(); open(); } }); // a run inside the page comes first
}
