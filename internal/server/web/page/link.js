// The connection's life: connect, hello, welcome, and again when it is lost. Knows nothing of pictures and of the page.

import { Backoff } from "./backoff.js";
import { Clock, microseconds } from "./clock.js";
import { CODE, CODES, SUBPROTOCOL, TYPE } from "./constants.js";
import { clocks, errorBody, object, packJSON, ping, pong, unpack } from "./wire.js";

/**
 * @typedef {object} Status what there is to say of the connection
 * @property {"connecting" | "up" | "silent" | "lost" | "token" | "over"} state
 * @property {string} sentence why, for a person; may be empty
 * @property {string} hint what helps; may be empty
 * @property {number} wait ms until the next attempt, of "lost"; seconds of silence, of "silent"
 *
 * @typedef {object} Options
 * @property {URL} base where acip and probe are
 * @property {(resume: string) => object} hello returns the HELLO
 * @property {(welcome: any) => void} welcome takes the WELCOME
 * @property {(packet: import("./wire.js").Packet) => void} packet takes every packet that the link does not need itself
 * @property {(status: Status) => void} status
 */

// All in ms. What is noticed must be said within five seconds, so asking and waiting take four together.
const TICK = 500;
const PING = 1000;
const SILENT = 2500;     // without an answer: said
const DEAD = 4500;       // given up, unless the server answers otherwise
const SLOW = 15000;      // given up when the server does answer: a large picture may be on its way through a thin link
const CONNECT = 5000;
const WELCOME = 10000;
const PROBE = 2500;
const GOOD = 3000;       // a connection that lived this long resets the back-off
const MANY = 1 << 20;    // bytes waiting to be sent: the server takes nothing any more

/** Link keeps one member connected. */
export class Link {
  clock = new Clock();
  bytes = 0; // received so far
  /** @type {WebSocket | null} */
  #socket = null;
  #options;
  #backoff = new Backoff();
  #resume = "";
  #known = false; // welcomed before
  #up = false;    // welcomed on this connection
  #began = 0;
  #asked = 0;     // when the PING was sent that nothing answers yet, 0 when something came since
  #pinged = 0;
  #answers = false; // the server answers a probe while the WebSocket is silent
  #silent = false;
  #rest = 0;      // ms that the server asks to stay away for when it goes
  #attempt = "";
  /** @type {{code: number, message: string} | null} */
  #error = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #later;

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
    setInterval(() => this.#tick(performance.now()), TICK);
    // A machine that finds its network again need not wait for the back-off.
    addEventListener("online", () => this.#later && this.connect());
  }

  /** now returns the server's clock in µs. */
  now() {
    return microseconds() + this.clock.offset;
  }

  /** trip returns the last round trip in ms, or how long a PING has been unanswered if that is longer. */
  trip() {
    return Math.max(this.clock.rtt / 1000, this.#asked ? performance.now() - this.#asked : 0);
  }

  get up() {
    return this.#up;
  }

  /** @param {Uint8Array<ArrayBuffer>} packet lost without a connection */
  send(packet) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount > MANY) this.#lost(CODE.STALLED, "", 0);
    else this.#socket.send(packet);
  }

  /** connect begins an attempt, ending what there was. */
  connect() {
    this.#drop();
    this.#attempt = Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, "0")).join("");
    const url = new URL(`acip?try=${this.#attempt}`, this.#options.base);
    url.protocol = url.protocol.replace("http", "ws");
    this.#say("connecting");
    const socket = new WebSocket(url, SUBPROTOCOL);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.send(packJSON(TYPE.HELLO, this.#options.hello(this.#resume)));
    socket.onmessage = (e) => this.#take(e.data);
    socket.onclose = (e) => this.#closed(e);
    this.#socket = socket;
    this.#began = performance.now();
  }

  /** #drop forgets the connection without waiting for its end, which a dead link never tells. */
  #drop() {
    clearTimeout(this.#later);
    this.#later = undefined;
    const s = this.#socket;
    this.#socket = null;
    this.#up = this.#silent = this.#answers = false;
    this.#asked = this.#pinged = 0;
    this.#error = null;
    this.clock.reset();
    if (!s) return;
    s.onopen = s.onmessage = s.onclose = null;
    s.close();
  }

  /** @param {ArrayBuffer | string} data */
  #take(data) {
    const now = performance.now();
    this.#asked = 0;
    this.#answers = false;
    if (this.#silent) {
      this.#silent = false;
      this.#say("up");
    }
    if (typeof data === "string") return;
    this.bytes += data.byteLength;
    const packet = unpack(data);
    if (!packet) return;
    switch (packet.type) {
      case TYPE.WELCOME: return this.#welcome(object(packet.payload), now);
      case TYPE.PING: return this.send(pong(packet.payload, microseconds()));
      case TYPE.PONG: {
        const c = clocks(packet.payload);
        return c ? this.clock.answered(c.asked, c.there, microseconds()) : undefined;
      }
      case TYPE.ERROR_MESSAGE:
        this.#error = errorBody(packet.payload);
        return this.#options.packet(packet);
    }
    if (this.#up) this.#options.packet(packet);
  }

  /** @param {any} w @param {number} now */
  #welcome(w, now) {
    if (!w) return;
    this.#up = this.#known = true;
    this.#began = now;
    this.#resume = String(w.resume ?? "");
    this.#rest = Number(w.limits?.retry_after_s ?? 0) * 1000;
    this.#say("up");
    this.#options.welcome(w);
    this.#ping(now);
  }

  /** @param {number} now */
  #ping(now) {
    this.#pinged = now;
    this.#asked ||= now;
    this.send(ping(microseconds()));
  }

  /** @param {number} now */
  #tick(now) {
    if (!this.#socket) return;
    if (!this.#up) {
      const late = this.#socket.readyState === WebSocket.CONNECTING ? CONNECT : WELCOME;
      if (now - this.#began > late) this.#lost(CODE.SILENT, "the server does not answer", 0);
      return;
    }
    if (now - this.#began > GOOD && !this.#silent) this.#backoff.reset();
    // Counted from a PING of ours, so that a page whose timers the browser slows down does not mistake itself for the server.
    const quiet = this.#asked ? now - this.#asked : 0;
    if (quiet > (this.#answers ? SLOW : DEAD)) return this.#lost(CODE.SILENT, `nothing was heard from the server for ${Math.round(quiet / 1000)} s`, 0);
    if (quiet > SILENT) {
      if (!this.#silent) this.#look();
      this.#silent = true;
      this.#say("silent", "", "", Math.round(quiet / 1000));
    }
    if (now - this.#pinged >= PING) this.#ping(now);
  }

  /** #look asks beside the silent WebSocket whether the server is there at all. */
  async #look() {
    const socket = this.#socket, answer = await this.#probe("");
    if (socket === this.#socket && this.#silent) this.#answers = answer.status === 200;
  }

  /**
   * #probe asks the server why it refused an attempt: browsers hide the answer to a failed upgrade.
   * @param {string} attempt
   * @returns {Promise<{status: number, reason: string, hint: string, retry: number}>} status 0: no answer
   */
  async #probe(attempt) {
    try {
      const r = await fetch(new URL(`probe?try=${attempt}`, this.#options.base), { cache: "no-store", signal: AbortSignal.timeout(PROBE) });
      const retry = Number(r.headers.get("Retry-After") ?? 0) * 1000 || 0;
      if (!r.headers.get("Content-Type")?.startsWith("application/json")) {
        const sentence = r.headers.get("Content-Type")?.startsWith("text/plain") ? (await r.text()).trim().slice(0, 200) : "";
        return { status: r.status, reason: `HTTP ${r.status}${sentence ? `: ${sentence}` : " from something in front of the server"}`, hint: "", retry };
      }
      const body = await r.json();
      return { status: r.status, reason: String(body.reason ?? ""), hint: String(body.hint ?? ""), retry: Number(body.retry_after_s ?? 0) * 1000 };
    } catch {
      return { status: 0, reason: "", hint: "", retry: 0 };
    }
  }

  /** @param {CloseEvent} e */
  #closed({ code, reason }) {
    const said = reason || (this.#error?.code === code ? this.#error.message : "");
    if (!this.#up && code === CODE.LOST) return void this.#refused(this.#attempt);
    // What a proxy says when it is reloaded has no sentence, and nobody needs to stay away for it.
    this.#lost(code, said, code === CODE.GOING_AWAY && said ? this.#rest : 0);
  }

  /** @param {string} attempt #refused finds out why an upgrade failed. */
  async #refused(attempt) {
    this.#socket = null;
    const a = await this.#probe(attempt);
    if (attempt !== this.#attempt || this.#socket) return; // another attempt began meanwhile
    if (a.status === 0) return this.#again("the server cannot be reached", "", 0);
    if (a.hint && !a.retry) return this.#over(a.reason, a.hint);
    const unseen = "the server answers, but something in between refuses WebSockets";
    this.#again(a.reason || unseen, a.hint, a.retry);
  }

  /** @param {number} code @param {string} reason @param {number} asked ms */
  #lost(code, reason, asked) {
    const info = CODES[code], known = this.#known;
    this.#drop();
    if (code === CODE.NOT_AUTHORISED) return this.#say("token", reason);
    // The page waits for a place, as acip-client --wait does. Codes below 4000 that are not in the table are proxies'.
    const final = info ? info.retry === "no" || (info.retry === "once in" && !known) : code >= 4000;
    const sentence = reason || info?.meaning || `the connection was closed with code ${code}`;
    if (final) return this.#over(sentence, "");
    this.#again(sentence, "", asked);
  }

  /** @param {string} sentence @param {string} hint @param {number} asked ms */
  #again(sentence, hint, asked) {
    this.#drop();
    const wait = this.#backoff.next(asked, Math.random());
    this.#say("lost", sentence, hint, wait);
    this.#later = setTimeout(() => this.connect(), wait);
  }

  /** @param {string} sentence @param {string} hint */
  #over(sentence, hint) {
    this.#drop();
    this.#say("over", sentence, hint);
  }

  /** @param {Status["state"]} state */
  #say(state, sentence = "", hint = "", wait = 0) {
    this.#options.status({ state, sentence, hint, wait });
  }
}
