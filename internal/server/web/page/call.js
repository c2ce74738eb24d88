// A call as this page sees it: members and their tiles, what is asked of senders, and what is said of the connection.

import { Link } from "./link.js";
import { summary } from "./ladder.js";
import { Wisher, wish } from "./demand.js";
import { layout } from "./layout.js";
import { PROTOCOL, TYPE } from "./constants.js";
import { Tile } from "./tile.js";
import { errorBody, object, packJSON } from "./wire.js";
import * as page from "./page.js";

/**
 * @typedef {object} Settings
 * @property {string} room
 * @property {string} name
 * @property {string[]} codecs what this browser decodes, best first
 * @property {URL} base where the server's paths are
 */

const LOOK = 500;   // ms
const SECOND = 2;   // looks
const GAP = 8;      // CSS pixels between tiles and around them, as the style sheet has it
const ASPECT = 4 / 3;
const TOKEN = "acip-token";

/** Call is one member of a room. */
export class Call {
  /** @type {Map<number, Tile>} */
  #tiles = new Map();
  /** @type {Set<string>} names of members that are hidden; for as long as the page is open */
  #hidden = new Set();
  /** @type {Tile | null} shown alone */
  #chosen = null;
  #settings;
  #link;
  #token = sessionStorage.getItem(TOKEN) ?? "";
  #wisher = new Wisher();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #later;
  #aspects = ""; // of the tiles when they were arranged
  #looks = 0;
  #looked = performance.now();
  #second = { drawn: 0, wire: 0, at: performance.now() };

  /** @param {Settings} settings */
  constructor(settings) {
    this.#settings = settings;
    this.#link = new Link({
      base: settings.base,
      hello: (resume) => this.#hello(resume),
      welcome: (w) => this.#welcome(w),
      packet: (p) => this.#packet(p),
      status: (s) => this.#status(s),
    });
  }

  start() {
    const { room, base } = this.#settings;
    page.place(room, base.host);
    page.command(`acip-client --camera 0${room === "lobby" ? "" : ` --room ${room}`} ${base.protocol === "https:" ? "wss" : "ws"}://${base.host}`);
    page.buttons({ full: page.fullScreen, names: page.names });
    new ResizeObserver(() => this.#arrange()).observe(page.grid());
    document.addEventListener("visibilitychange", () => this.#demand(true));
    document.addEventListener("keydown", (e) => this.#key(e));
    setInterval(() => this.#look(performance.now()), LOOK);
    this.#link.connect();
  }

  /** @param {string} resume */
  #hello(resume) {
    const { room, name, codecs } = this.#settings;
    return { protocol: PROTOCOL, room, name, role: "watch", codecs, demand: true, resume, token: this.#token, agent: "acip-web" };
  }

  /** @param {import("./wire.js").Packet} p */
  #packet({ type, id, payload }) {
    const tile = this.#tiles.get(id);
    switch (type) {
      case TYPE.IMAGE_FRAME: return tile?.decoder.image(payload);
      case TYPE.VIDEO_FRAME: return tile?.decoder.video(payload);
      case TYPE.CLIENT_JOIN: return this.#join(object(payload), false);
      case TYPE.CLIENT_LEAVE: return this.#leave(object(payload));
      case TYPE.STREAM_START: case TYPE.STREAM_STOP: return tile?.pause(type === TYPE.STREAM_STOP);
      case TYPE.TEXT_MESSAGE: return this.#text(tile, object(payload));
      case TYPE.ERROR_MESSAGE: return page.note(errorBody(payload).message);
    }
  }

  /** @param {any} w */
  #welcome(w) {
    page.place(String(w.room), this.#settings.base.host);
    /** @type {any[]} */
    const members = Array.isArray(w.members) ? w.members : [];
    const whole = !(Number(w.more) > 0); // else the rest of the roster follows, each member by itself
    if (whole) for (const [id, tile] of this.#tiles) if (!members.some((m) => m.id === id)) this.#remove(tile);
    for (const m of members) this.#join(m, true);
    this.#wisher.reset();
    for (const tile of this.#tiles.values()) tile.down.reset();
    this.#arrange();
    this.#demand(true);
  }

  /** @param {any} m @param {boolean} quiet */
  #join(m, quiet) {
    if (!m || m.role === "watch" || typeof m.id !== "number" || typeof m.name !== "string") return;
    let tile = this.#tiles.get(m.id);
    if (tile) {
      tile.decoder.reset(); // another connection's past is not to be continued
    } else {
      const id = m.id;
      tile = new Tile(id, { choose: (t) => this.#choose(t), hide: (t) => this.#hide(t.name) }, {
        now: () => this.#link.now(),
        needKey: () => this.#link.send(packJSON(TYPE.KEY_REQUEST, { id })),
      });
      this.#tiles.set(id, tile);
      if (!quiet && !this.#hidden.has(m.name)) page.note(`${m.name} joins`);
    }
    tile.update(m);
    this.#arrange();
  }

  /** @param {any} l */
  #leave(l) {
    const tile = this.#tiles.get(l?.id);
    if (!tile || l.reason === "resumed") return;
    this.#remove(tile);
    if (!this.#hidden.has(tile.name)) page.note(`${tile.name} leaves`);
    this.#arrange();
  }

  /** @param {Tile | undefined} from @param {any} body */
  #text(from, body) {
    if (body && !(from && this.#hidden.has(from.name))) page.note(`${from ? from.name : "Somebody"}: ${body.text}`);
  }

  /** @param {Tile} tile */
  #remove(tile) {
    this.#tiles.delete(tile.id);
    if (this.#chosen === tile) this.#chosen = null;
    tile.remove();
  }

  /** @param {Tile | null} tile shown alone, or all again */
  #choose(tile) {
    this.#chosen = tile === this.#chosen ? null : tile;
    this.#arrange();
  }

  /** @param {string} name */
  #hide(name) {
    this.#hidden.add(name);
    if (this.#chosen?.name === name) this.#chosen = null;
    this.#arrange();
    const next = this.#shown()[0];
    if (next && document.activeElement === document.body) next.focus();
  }

  /** @param {string} name */
  #show(name) {
    this.#hidden.delete(name);
    this.#arrange();
    [...this.#tiles.values()].find((t) => t.name === name)?.focus();
  }

  #shown() {
    const all = [...this.#tiles.values()].filter((t) => !this.#hidden.has(t.name));
    return this.#chosen ? all.filter((t) => t === this.#chosen) : all;
  }

  /** #arrange makes the tiles that are shown as large as can be. */
  #arrange() {
    const grid = page.grid(), shown = this.#shown();
    for (const tile of this.#tiles.values()) {
      const on = shown.includes(tile);
      tile.label(on && tile === this.#chosen);
      if (on !== tile.element.isConnected) on ? this.#place(grid, tile) : tile.element.remove();
    }
    const known = shown.map((t) => t.decoder.aspect).filter((a) => a > 0);
    const aspect = known.length ? known.reduce((a, b) => a + b) / known.length : ASPECT;
    const width = grid.clientWidth - 2 * GAP, at = layout(shown.length, width, grid.clientHeight - 2 * GAP, aspect, GAP);
    const used = at.columns * at.width + (at.columns - 1) * GAP;
    for (const [name, css] of [["--width", at.width], ["--height", at.height], ["--inset", (width - used) / 2 + GAP]]) {
      grid.style.setProperty(String(name), `${Math.floor(Number(css) * 100) / 100}px`);
    }
    const here = [...new Set([...this.#tiles.values()].map((t) => t.name).filter((n) => this.#hidden.has(n)))];
    page.hidden(here, (name) => this.#show(name));
    page.empty(shown.length === 0, this.#tiles.size ? "Everyone who sends a picture is hidden." : "Nobody sends a picture yet.");
    this.#demand(false);
  }

  /** @param {HTMLElement} grid @param {Tile} tile #place keeps the order in which members joined. */
  #place(grid, tile) {
    const all = [...this.#tiles.values()], after = all.slice(all.indexOf(tile) + 1).find((t) => t.element.isConnected);
    grid.insertBefore(tile.element, after?.element ?? null);
    tile.freshness.excuse(performance.now());
  }

  /** @param {boolean} urgent #demand asks for what is looked at, as large as it is shown. */
  #demand(urgent) {
    clearTimeout(this.#later);
    if (!this.#link.up) return;
    const tiles = document.hidden ? [] : this.#shown().map((t) => ({ id: t.id, width: t.element.clientWidth, height: t.element.clientHeight, step: t.down.ladder.step }));
    const { send, again } = this.#wisher.look(wish(tiles, devicePixelRatio), performance.now(), urgent);
    if (send) this.#link.send(packJSON(TYPE.DEMAND, { streams: send }));
    if (again > 0) this.#later = setTimeout(() => this.#demand(urgent), again);
  }

  /** @param {number} now #look is called twice a second. */
  #look(now) {
    const expected = this.#link.up && !document.hidden;
    const shown = this.#shown();
    for (const tile of this.#tiles.values()) tile.look(now, expected && shown.includes(tile));
    if (expected) this.#judge(now);
    const aspects = shown.map((t) => t.decoder.aspect.toFixed(2)).join();
    if (aspects !== this.#aspects) {
      this.#aspects = aspects;
      this.#arrange();
    }
    this.#looked = now;
    if (++this.#looks % SECOND === 0) this.#report(now);
  }

  /** @param {number} now #judge asks for less of those whose pictures the link, or this machine, is too slow for. */
  #judge(now) {
    const seconds = (now - this.#looked) / 1000, rtt = this.#link.trip(), all = [...this.#tiles.values()];
    if (seconds <= 0) return;
    const passed = all.map((t) => t.decoder.passed());
    const sum = { received: passed.reduce((n, p) => n + p.received, 0), missing: passed.reduce((n, p) => n + p.missing, 0) };
    const changed = all.filter((t, i) => t.down.look({ ...passed[i], all: sum, seconds, rtt, late: t.decoder.late }, now));
    if (changed.length > 0) this.#demand(true);
  }

  #drawn() {
    return [...this.#tiles.values()].reduce((n, t) => n + t.decoder.drawn, 0);
  }

  /** @param {number} now #report tells people and the server what came. */
  #report(now) {
    const drawn = this.#drawn(), wire = this.#link.bytes, seconds = (now - this.#second.at) / 1000, shown = this.#shown();
    page.numbers({
      fps: Math.max(0, drawn - this.#second.drawn) / seconds, kbit: ((wire - this.#second.wire) * 8) / 1000 / seconds,
      age: Math.max(0, ...shown.map((t) => t.decoder.age)), link: summary(shown.filter((t) => t.decoder.late > 0).map((t) => t.down)),
    });
    this.#second = { drawn, wire, at: now };
    const streams = [...this.#tiles.values()].map(({ id, decoder: d }) => ({ id, received: d.received, drawn: d.drawn, dropped: d.dropped, age_ms: Math.round(d.age) }));
    if (this.#link.up && streams.length) this.#link.send(packJSON(TYPE.REPORT, { streams }));
  }

  /** @param {import("./link.js").Status} s */
  #status({ state, sentence, hint, wait }) {
    switch (state) {
      case "up":
        page.hideCards();
        return page.status("", "up");
      case "connecting": return document.body.dataset.link === "lost" ? undefined : page.status("Connecting…", "connecting");
      case "silent": return page.status(`The server has not answered for ${wait} s…`, "silent");
      case "lost": return page.status(`Not connected: ${sentence}${hint ? ` (${hint})` : ""}. Trying again${wait > 999 ? ` in ${Math.round(wait / 1000)} s` : ""}…`, "lost");
      case "token":
        page.status("", "over");
        return page.askToken(sentence || "this server asks for a token", (token) => this.#answer(token));
      case "over":
        page.status("", "over");
        return page.explain(sentence, hint, () => this.#link.connect());
    }
  }

  /** @param {string} token */
  #answer(token) {
    this.#token = token;
    sessionStorage.setItem(TOKEN, token);
    this.#link.connect();
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target instanceof HTMLInputElement) return;
    switch (e.key) {
      case "f": return page.fullScreen();
      case "n": return page.names();
      case "h": return this.#hideFocused();
      case "u": return [...this.#hidden].forEach((name) => this.#show(name));
      case "Escape": return this.#choose(null);
    }
    if (e.key >= "1" && e.key <= "9") this.#pick(Number(e.key) - 1);
  }

  /** #hideFocused hides the tile that has the focus, or the one that is shown alone. */
  #hideFocused() {
    const tile = this.#shown().find((t) => t.focused) ?? this.#chosen;
    if (tile) this.#hide(tile.name);
    else page.note("Tab to a picture first, then h hides it");
  }

  /** @param {number} n #pick shows the nth alone. */
  #pick(n) {
    const all = [...this.#tiles.values()].filter((t) => !this.#hidden.has(t.name));
    if (all[n]) this.#choose(all[n]);
  }
}
