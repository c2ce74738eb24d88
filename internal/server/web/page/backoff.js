// How long to wait before connecting again: as acip-client does. Pure.

const FIRST = 250, MOST = 8000; // ms

/** Backoff waits 0, 250, 500 … 8,000 ms, each shortened by up to a third so that a room does not come back in one instant. */
export class Backoff {
  #attempts = 0;

  /**
   * next returns the ms to wait before the next attempt.
   * @param {number} asked ms that the server asked for, 0 if nothing
   * @param {number} random in [0, 1)
   */
  next(asked, random) {
    const n = this.#attempts++;
    if (asked > 0) return asked * (1 + random / 4);
    if (n === 0) return 0;
    return Math.min(FIRST * 2 ** Math.min(n - 1, 10), MOST) * (1 - random / 3);
  }

  /** reset starts again after a connection that was good. */
  reset() {
    this.#attempts = 0;
  }
}
