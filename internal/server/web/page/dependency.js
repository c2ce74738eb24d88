// Which inter-coded frames can be decoded: package media's Dependency, held by the same cases. Pure.

import { FLAG } from "./constants.js";

// A leap above this many numbers is another stream, not a loss.
const LEAP = 1000;

/** Dependency passes a layer's frames whose reference was decoded. */
export class Dependency {
  #synced = false; // everything that the next frame refers to was decoded
  /** @type {number | null} number of the newest frame received */
  #last = null;

  /**
   * receive takes the next frame that arrived.
   * @param {number} seq
   * @param {number} flags
   * @returns {{decodable: boolean, needKey: boolean}} neither for a repeat
   */
  receive(seq, flags) {
    if (flags & FLAG.KEY) {
      [this.#synced, this.#last] = [true, seq];
      return { decodable: true, needKey: false };
    }
    const step = (seq - (this.#last ?? 0)) | 0;
    if (this.#synced && step <= 0) return { decodable: false, needKey: false };
    const follows = step === 1 || (step === 2 && (flags & FLAG.PREV_DISCARDABLE) !== 0);
    [this.#synced, this.#last] = [this.#synced && follows, seq];
    return { decodable: this.#synced, needKey: !this.#synced };
  }

  /**
   * missing returns how many numbers were left out between the newest frame received and seq.
   * @param {number} seq
   */
  missing(seq) {
    const step = this.#last === null ? 0 : (seq - this.#last) | 0;
    return step < 1 || step > LEAP ? 0 : step - 1;
  }

  /**
   * drop notes that a frame was not decoded after all.
   * @param {number} flags
   */
  drop(flags) {
    if (!(flags & FLAG.DISCARDABLE)) this.#synced = false;
  }

  /** reset makes a keyframe necessary, as at the start of a connection. */
  reset() {
    this.#synced = false;
    this.#last = null;
  }
}
