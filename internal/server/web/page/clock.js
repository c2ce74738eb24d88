// The server's clock, as far as round trips tell. Pure but for microseconds.

/** microseconds returns this machine's clock in µs since the Unix epoch; it never steps while the page is open. */
export const microseconds = () => (performance.timeOrigin + performance.now()) * 1000;

const TRIPS = 8;

/** Clock keeps the last round trips; the quickest has the least room for error. All times are µs. */
export class Clock {
  /** @type {{rtt: number, offset: number}[]} */
  #trips = [];
  /** the last round trip, 0 before the first */
  rtt = 0;
  /** the least round trip of this connection, 0 before the first */
  least = 0;
  /** from this clock to the server's */
  offset = 0;

  /**
   * answered takes one round trip.
   * @param {number} asked this clock when the PING was sent
   * @param {number} there the server's clock when it answered
   * @param {number} now this clock
   */
  answered(asked, there, now) {
    const rtt = now - asked;
    if (!(rtt >= 0)) return; // an answer to nobody's question
    const offset = there + rtt / 2 - now;
    // Both offsets are right within half their round trips. Farther apart, a clock was stepped, or this machine slept.
    this.#trips = this.#trips.filter((t) => Math.abs(t.offset - offset) <= (t.rtt + rtt) / 2 + 5000);
    this.#trips.push({ rtt, offset });
    if (this.#trips.length > TRIPS) this.#trips.shift();
    this.rtt = rtt;
    this.least = this.least ? Math.min(this.least, rtt) : rtt;
    this.offset = this.#trips.reduce((best, t) => (t.rtt < best.rtt ? t : best)).offset;
  }

  /** reset forgets the round trips of a connection that has ended; the offset holds until the next is measured. */
  reset() {
    this.#trips = [];
    this.rtt = this.least = 0;
  }
}
