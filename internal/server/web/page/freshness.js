// When a picture that stands still is worth a word. Pure: time is an argument, in ms.

const STILL = 3000; // ms without a picture, of a sender that sends often
const GAPS = 3;     // and so many times the usual gap of one that sends rarely

/** Freshness knows how often a sender's pictures come. */
export class Freshness {
  /** @type {number} when the last one came, or when the first was asked for */
  #last;
  #usual = 0; // ms, the longest recent gap
  seen = false;

  /** @param {number} now */
  constructor(now) {
    this.#last = now;
  }

  /** @param {number} now */
  arrived(now) {
    const gap = now - this.#last;
    if (this.seen) this.#usual = Math.max(gap, this.#usual * 0.9);
    this.seen = true;
    this.#last = now;
  }

  /** @param {number} now the sender pauses, is hidden, or is asked anew: nothing is expected of it before now */
  excuse(now) {
    this.#last = now;
  }

  /**
   * still returns the whole seconds without a picture, 0 while that is nothing unusual.
   * @param {number} now
   */
  still(now) {
    const quiet = now - this.#last;
    return quiet >= Math.max(STILL, this.#usual * GAPS) ? Math.floor(quiet / 1000) : 0;
  }
}
