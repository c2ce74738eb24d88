// What a link can be trusted with: steps down when it is too slow, and up again when it has been calm. The numbers and the
// rules are those of acip-client's way down. Pure: time is an argument, in ms.

/** @typedef {{side: number, rate: number}} Step shares of the side and of the rate that tiles could use */

/** @type {readonly Step[]} */
export const STEPS = [[1, 1], [0.75, 1], [0.5, 1], [0.375, 1], [0.375, 0.5], [0.25, 0.5], [0.1875, 0.5], [0.125, 0.4], [0.0625, 0.2]]
  .map(([side, rate]) => ({ side, rate }));

const SETTLE = 1500;      // between a change and the next step down
const CALM_FIRST = 5000;  // of calm before a step up; doubles each time that going up fails
const CALM_MOST = 60000;
const BAD_ENOUGH = 2;     // looks in a row; one may be an accident
const RISING_FAIL = 10000;
const COMFORT = 0.75;     // of what a link carries is used: the rest keeps pictures from waiting
const FORGET = 8000;      // in which trust in a link that was too slow grows by half

/** @param {Step} s the share of bytes that a step takes: small pictures have more detail a pixel */
const cost = (s) => s.side ** 1.5 * s.rate;

/** Ladder decides how much to ask for. */
export class Ladder {
  level = 0;
  #bad = 0;
  #changed = -Infinity;
  /** @type {number | null} since when nothing was bad */
  #calm = null;
  #patient = 0;
  #rose = false;
  #most = 0; // bytes a second that the link carried when it was too slow; 0 is not known

  /** @returns {Step} */
  get step() {
    return STEPS[this.level];
  }

  /**
   * judge reports whether the level changed.
   * @param {boolean} bad whether the link shows signs of pressure
   * @param {number} offered bytes a second
   * @param {number} carried bytes a second when it carries less than is offered, else 0
   * @param {number} now ms
   */
  judge(bad, offered, carried, now) {
    if (carried > 0 && offered > carried * 0.9) {
      this.#calm = now;
      return this.#overload(offered, carried, now);
    }
    return this.#look(bad, offered, now);
  }

  /** @param {number} offered @param {number} most @param {number} now */
  #overload(offered, most, now) {
    if (now - this.#changed < SETTLE) return false; // what was offered before still waits
    this.#most = most;
    let last = STEPS.length - 1, by = 0;
    // A link that recovers from too much carries more than it shows.
    if (now - this.#changed < 3 * SETTLE) last = Math.min(last, this.level + 1);
    const here = cost(this.step);
    while (this.level + by < last && (offered * cost(STEPS[this.level + by])) / here > most * COMFORT) by++;
    return by > 0 && this.#fall(by, now);
  }

  /** @param {boolean} bad @param {number} offered @param {number} now */
  #look(bad, offered, now) {
    if (this.#calm === null || bad) this.#calm = now;
    if (!bad) {
      this.#bad = 0;
      return this.#fits(offered, now) && this.#rise(now);
    }
    this.#bad++;
    return this.#bad >= BAD_ENOUGH && now - this.#changed >= SETTLE && this.#fall(1, now);
  }

  /** @param {number} offered @param {number} now */
  #fits(offered, now) {
    if (this.#most <= 0 || this.level === 0) return true;
    return (offered * cost(STEPS[this.level - 1])) / cost(this.step) <= this.#trusted(now) * COMFORT;
  }

  /** @param {number} now */
  #trusted(now) {
    const slow = (Math.max(this.#patient, CALM_FIRST) / CALM_FIRST) * FORGET;
    return this.#most * 1.5 ** ((now - (this.#calm ?? now)) / slow);
  }

  /** @param {number} by @param {number} now */
  #fall(by, now) {
    if (this.#rose && now - this.#changed < RISING_FAIL) {
      this.#patient = Math.min(Math.max(this.#patient, CALM_FIRST) * 2, CALM_MOST);
    }
    const old = this.level;
    this.level = Math.min(this.level + by, STEPS.length - 1);
    this.#changed = this.#calm = now;
    this.#bad = 0;
    this.#rose = false;
    return this.level !== old;
  }

  /** @param {number} now */
  #rise(now) {
    if (this.level === 0 || now - (this.#calm ?? now) < Math.max(this.#patient, CALM_FIRST)) return false;
    this.level--;
    this.#most = this.#trusted(now);
    this.#changed = this.#calm = now;
    this.#rose = true;
    return true;
  }

  /** toString returns what a person is told; empty at the top. */
  toString() {
    if (this.level === 0) return "";
    const share = (/** @type {number} */ x) => `${Math.round(x * 100)}%`;
    return `slow link: ${share(this.step.side)} size, ${share(this.step.rate)} rate`;
  }
}

// Signs of a link that is too slow.
const SLOW_SHARE = 0.4;  // of the pictures were left out
const SLOW_RTT = 400;    // ms, and four times the least
const SLOW_AGE = 600;    // ms on arrival, above the least
const LATE_AGE = 80;     // ms, the same, when pictures are left out too
const SLOW_FACTOR = 4;
const FEW = 3;           // pictures that the server left out of all, below which it is chance

/**
 * @typedef {object} Look what passed since the last look
 * @property {number} seconds
 * @property {number} received pictures
 * @property {number} missing pictures that the server left out
 * @property {{received: number, missing: number}} [all] the same of all senders; left out, there is one
 * @property {number} dropped pictures that this machine could not draw in time
 * @property {number} bytes of pictures
 * @property {number} late ms, the age of the newest on arrival; 0 is not known
 * @property {number} rtt ms, the last round trip, or how long a PING has been unanswered if that is longer
 */

/**
 * Downlink turns what passed of one sender into what to ask of it. Each sender is judged by itself: the capture times and the
 * numbers of its pictures are whatever it writes into them, and must not make the pictures of others smaller.
 */
export class Downlink {
  ladder = new Ladder();
  #least = { rtt: 0, late: 0 };
  #short = 0; // looks in a row that found pictures late and left out

  /**
   * look is called twice a second and reports whether less or more is to be asked for.
   * @param {Look} l
   * @param {number} now ms
   */
  look(l, now) {
    const least = this.#least;
    if (l.rtt > 0) least.rtt = least.rtt ? Math.min(least.rtt, l.rtt) : l.rtt;
    if (l.late <= 0) return false;
    least.late = least.late ? Math.min(least.late, l.late) : l.late;
    const far = l.rtt > SLOW_RTT && l.rtt > SLOW_FACTOR * least.rtt;
    const busy = l.dropped >= 3 && l.dropped > SLOW_SHARE * l.received;
    const { offered, carried } = this.#carried(l, l.late > Math.min(least.late, least.rtt) + LATE_AGE);
    // Late pictures are this link's doing only if its round trip is long too: else it is their sender's, who steps down.
    return this.ladder.judge(busy || (far && l.late > least.late + SLOW_AGE), offered, carried, now);
  }

  /**
   * Of the share that was left out of its own pictures and the one of all the smaller counts: within one look chance decides
   * whose pictures pass.
   * @param {Look} l @param {boolean} late
   */
  #carried(l, late) {
    if (l.received === 0) return { offered: 0, carried: 0 };
    const bytes = l.bytes / l.seconds, all = l.all ?? l, offered = bytes * (1 + Math.min(l.missing / l.received, all.missing / all.received));
    if (!late || l.missing === 0 || all.missing < FEW || l.missing < SLOW_SHARE * l.received) this.#short = 0;
    else this.#short++;
    return { offered, carried: this.#short >= BAD_ENOUGH ? bytes : 0 };
  }

  /** reset forgets what is known of a connection that has ended; the level stays. */
  reset() {
    this.#least = { rtt: 0, late: 0 };
    this.#short = 0;
  }
}

/**
 * summary returns what a person is told of the link, of the less affected half of the senders: a single one does not have the
 * link called slow.
 * @param {Downlink[]} all of those from whom pictures come
 */
export function summary(all) {
  const sorted = all.map((d) => d.ladder).sort((a, b) => a.level - b.level);
  return String(sorted[Math.floor((sorted.length - 1) / 2)] ?? "");
}
