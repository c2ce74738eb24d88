// Which inter-coded pictures can be decoded. Pure.

import { FLAG } from "./constants.js";

// A gap above this many numbers is another stream, not a loss.
const MAX_GAP = 1000;

/** Gate passes a layer's pictures whose reference has been passed too. */
export class Gate {
  /** @type {number | null} the last number passed, null before a keyframe */
  #last = null;
  /** @type {number | null} the last number seen */
  #seen = null;

  /**
   * accept reports whether a picture can be decoded. After false, nothing passes before the next keyframe.
   * @param {number} seq
   * @param {number} flags
   */
  accept(seq, flags) {
    const key = (flags & FLAG.KEY) !== 0;
    const step = this.#last === null ? 0 : (seq - this.#last) >>> 0;
    const follows = step === 1 || (step === 2 && (flags & FLAG.SPARE) !== 0);
    this.#last = key || follows ? seq : null;
    return this.#last !== null;
  }

  /**
   * skipped returns how many numbers the server left out before this one.
   * @param {number} seq
   */
  skipped(seq) {
    const gap = this.#seen === null ? 0 : ((seq - this.#seen) >>> 0) - 1;
    this.#seen = seq;
    return gap > 0 && gap <= MAX_GAP ? gap : 0;
  }

  /** reset waits for a keyframe: the decoder failed, or the connection is another one. */
  reset() {
    this.#last = this.#seen = null;
  }
}
