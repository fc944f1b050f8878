/** The state of the page, with undo and redo. Knows no option by name. */

const MERGE = 800; // milliseconds in which changes of one kind are one step of undo
const STEPS = 200;

export class Store {
  constructor(state) {
    this.state = state;
    this.past = [];
    this.future = [];
    this.listeners = [];
    this.last = { kind: null, time: 0 };
  }

  subscribe(listener) {
    this.listeners.push(listener);
  }

  /** Change something. Equal kinds in quick succession, as of a slider, are one step. */
  set(patch, kind = Object.keys(patch).join()) {
    const changed = Object.entries(patch).some(
      ([name, value]) => JSON.stringify(this.state[name]) !== JSON.stringify(value),
    );
    if (!changed) return;
    const now = performance.now();
    const merged = kind === this.last.kind && now - this.last.time < MERGE && this.past.length;
    if (!merged) {
      this.past.push(this.state);
      if (this.past.length > STEPS) this.past.shift();
    }
    this.last = { kind, time: now };
    this.future = [];
    this.#replace({ ...this.state, ...patch });
  }

  /** Begin anew, without anything to undo. */
  reset(state) {
    this.past = [];
    this.future = [];
    this.#replace(state);
  }

  undo() {
    this.#step(this.past, this.future);
  }

  redo() {
    this.#step(this.future, this.past);
  }

  #step(from, to) {
    if (!from.length) return;
    to.push(this.state);
    this.last = { kind: null, time: 0 };
    this.#replace(from.pop());
  }

  #replace(state) {
    const before = this.state;
    this.state = state;
    for (const listener of this.listeners) listener(state, before);
  }
}
