// What to ask senders for, and when to say so. Pure: time is an argument, in ms.

/**
 * @typedef {object} Tile what is shown of a sender
 * @property {number} id
 * @property {number} width CSS pixels
 * @property {number} height CSS pixels
 * @property {import("./ladder.js").Step} step what the link carries of it
 *
 * @typedef {{id: number, width: number, height: number, fps: number}} Stream an entry of DEMAND
 */

const FPS = 30;
const GRAIN = 16;       // pixels: a window that is dragged passes through sizes that nobody needs exactly
const MOST = 1920;      // pixels a side: cameras rarely send more, and every sender would code it for this page
const LEAST = 16;
const QUIET = 150;      // ms without a change of layout before it counts
const GAP = 250;        // ms between two DEMANDs, at least: four a second
const SMALLER = 2000;   // ms that less must do before less is asked for: each new size costs a keyframe

/**
 * wish returns the streams that tiles of these sizes need.
 * @param {Tile[]} tiles
 * @param {number} ratio device pixels a CSS pixel
 * @returns {Stream[]}
 */
export function wish(tiles, ratio) {
  const side = (/** @type {number} */ css, /** @type {import("./ladder.js").Step} */ step) => {
    const pixels = Math.ceil((css * ratio * step.side) / GRAIN) * GRAIN;
    return Math.min(MOST, Math.max(LEAST, pixels));
  };
  return tiles.filter((t) => t.width > 0 && t.height > 0).map((t) => ({
    id: t.id, width: side(t.width, t.step), height: side(t.height, t.step), fps: Math.max(1, Math.round(FPS * t.step.rate)),
  }));
}

/** Wisher decides when a wish is sent: never the same twice, never in bursts, growing soon and shrinking late. */
export class Wisher {
  /** @type {Stream[] | null} what the server was told last, null before anything */
  #told = null;
  #at = -Infinity;
  #changed = -Infinity;
  #wanted = "";
  /** @type {number | null} since when smaller boxes would do */
  #smaller = null;

  /**
   * look takes what is wanted now and returns what to send now (or null), and after how many ms to look again (0: not before
   * something changes).
   * @param {Stream[]} streams
   * @param {number} now
   * @param {boolean} [urgent] the link is too slow, or the page was hidden: nothing is waited for but GAP
   * @returns {{send: Stream[] | null, again: number}}
   */
  look(streams, now, urgent = false) {
    const wanted = JSON.stringify(streams);
    if (wanted !== this.#wanted) [this.#wanted, this.#changed] = [wanted, now];
    if (this.#told !== null && wanted === JSON.stringify(this.#told)) {
      this.#smaller = null;
      return { send: null, again: 0 };
    }
    const wait = urgent || this.#told === null ? this.#at + GAP - now : this.#patience(streams, now);
    if (wait > 0) return { send: null, again: Math.ceil(wait) };
    [this.#told, this.#at, this.#smaller] = [streams, now, null];
    return { send: streams, again: 0 };
  }

  /** @param {Stream[]} streams @param {number} now */
  #patience(streams, now) {
    const wait = Math.max(this.#at + GAP, this.#changed + QUIET) - now;
    if (!this.#onlySmaller(streams)) {
      this.#smaller = null;
      return wait;
    }
    this.#smaller ??= now;
    return Math.max(wait, this.#smaller + SMALLER - now);
  }

  /** @param {Stream[]} streams whether the same senders are wanted in boxes that what comes already fills */
  #onlySmaller(streams) {
    const told = this.#told ?? [];
    return streams.length === told.length && streams.every((s, i) =>
      s.id === told[i].id && s.fps === told[i].fps && s.width <= told[i].width && s.height <= told[i].height);
  }

  /** reset makes the next wish the first of a connection. */
  reset() {
    this.#told = null;
    this.#at = -Infinity;
  }
}
