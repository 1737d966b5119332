// Training at a pace: as fast as it goes or so many steps a second, to be paused, slowed down and prolonged at any moment.

export const PACES = [1, 2, 5, 10, 20, 50, 100, Infinity]; // steps a second

export class Pace {
  // `told()` is called when training begins and ends.
  constructor(app, told) {
    Object.assign(this, { app, told, perSecond: Infinity, left: 0, taken: 0, milliseconds: 0, active: false, problem: "", wake: null });
    app.onStep((done) => this.follow(done));
  }

  // Take so many steps more, at most to the end of the schedule, as the Python program does.
  async take(count) {
    const { model } = this.app, room = model.gpt.config.steps - model.step - this.left;
    this.problem = room > 0 ? "" : `Training is over after step ${model.gpt.config.steps.toLocaleString("en")}: the learning rate has fallen to 0. Reset to begin anew.`;
    this.left += Math.max(0, Math.min(count, room));
    if (this.active || !this.left) return this.told();
    Object.assign(this, { active: true, taken: 0, began: performance.now() });
    this.told();
    try {
      while (this.left > 0) await this.some();
    } catch (error) {
      this.problem = error.message;
      model.pause();
    }
    Object.assign(this, { active: false, left: 0, milliseconds: performance.now() - this.began });
    this.told();
  }

  // All that are left at once, in slices; or one, and the wait until the next.
  async some() {
    const { model } = this.app, began = performance.now(), { perSecond } = this;
    this.at = model.step;
    await model.train(perSecond === Infinity ? this.left : 1);
    if (perSecond < Infinity && this.left > 0) await this.sleep(1000 / perSecond - (performance.now() - began));
  }

  follow(done) {
    if (!done && this.app.model.kind !== "here") this.stop(); // other weights were put in
    if (!done || !this.active) return;
    this.left = Math.max(0, this.left - (done.step - this.at));
    this.taken += done.step - this.at;
    this.at = done.step;
  }

  stop() {
    this.left = 0;
    this.app.model.pause();
    this.wake?.();
  }

  set(perSecond) {
    this.perSecond = perSecond;
    if (this.active) this.app.model.pause(); // the loop goes on at the new pace
    this.wake?.();
  }

  // Steps a second of this training, or of the last.
  get reached() {
    const time = this.active ? performance.now() - this.began : this.milliseconds;
    return time > 0 ? (1000 * this.taken) / time : 0;
  }

  sleep(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => { clearTimeout(timer); resolve(); };
    });
  }
}
