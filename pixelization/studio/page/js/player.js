/** Which frame is shown, and when the next one is. Knows durations; draws nothing. */

const SLOWEST = 100; // milliseconds of a frame that does not say how long, as browsers have it

export class Player {
  constructor(onframe) {
    this.onframe = onframe;
    this.durations = [null];
    this.frame = 0;
    this.timer = null;
  }

  get count() {
    return this.durations.length;
  }

  /** How long the frame is shown, as a text. */
  get time() {
    const duration = this.durations[this.frame];
    return duration === null ? "" : `${Number(duration.toFixed(1))} ms`;
  }

  get playing() {
    return this.timer !== null;
  }

  /** Take other frames; the same number of them goes on where it is. */
  load(durations) {
    if (durations.length !== this.count) this.frame = 0;
    this.durations = durations;
    if (this.count < 2) this.pause();
  }

  show(frame) {
    this.frame = (frame + this.count) % this.count;
    this.onframe();
  }

  play() {
    if (this.count < 2) return;
    clearTimeout(this.timer);
    const wait = this.durations[this.frame] > 10 ? this.durations[this.frame] : SLOWEST;
    this.timer = setTimeout(() => {
      this.show(this.frame + 1);
      this.play();
    }, wait);
  }

  pause() {
    clearTimeout(this.timer);
    this.timer = null;
  }
}
