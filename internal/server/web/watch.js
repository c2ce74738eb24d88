// A viewer in a browser: just another member of a room. The wire is PROTOCOL.md's; nothing is sent but what a viewer must
// say. Names and texts of others only ever become text nodes.

const TYPE = {
  text: 2002, error: 2003, image: 3001, ping: 5001, pong: 5002, join: 5003, leave: 5004, start: 5005, stop: 5006,
  hello: 7000, welcome: 7001, video: 7010, demand: 7011, key: 7012, report: 7013,
};
const HEADER = 22, IMAGE_HEAD = 24, VIDEO_HEAD = 20;
const JPEG = 1, VP8 = 2;
const KEY = 1, ENCRYPTED = 4, SPARE = 8;
const FINAL = { 1008: "refused", 1009: "too big", 4000: "protocol violation", 4006: "the room is full", 4007: "removed by the operator", 4008: "taken over by another window" };
const UNAUTHORISED = 4001;

const $ = (id) => document.getElementById(id);
const microseconds = () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000));

// ---- packets

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let i = 0; i < 8; i++) n = n & 1 ? (n >>> 1) ^ 0x82f63b78 : n >>> 1;
  return n;
});

function crc32c(bytes) {
  let c = ~0;
  for (const b of bytes) c = table[(c ^ b) & 255] ^ (c >>> 8);
  return ~c >>> 0;
}

function packet(type, payload) {
  const out = new Uint8Array(HEADER + payload.length), head = new DataView(out.buffer);
  head.setBigUint64(0, 0xa5c11c4a1n);
  head.setUint16(8, type);
  head.setUint32(10, payload.length);
  head.setUint32(14, payload.length ? crc32c(payload) : 0);
  out.set(payload, HEADER);
  return out;
}

const json = (type, body) => packet(type, new TextEncoder().encode(JSON.stringify(body)));
const parse = (bytes) => JSON.parse(new TextDecoder().decode(bytes));

// ---- one member's picture

class Member {
  constructor(call, { id, name, paused }) {
    Object.assign(this, { call, id, received: 0, drawn: 0, dropped: 0, age: 0, busy: false, next: null, chains: new Map() });
    this.tile = document.createElement("figure");
    this.canvas = this.tile.appendChild(document.createElement("canvas"));
    this.pen = this.canvas.getContext("2d", { alpha: false, desynchronized: true });
    this.initials = this.tile.appendChild(document.createElement("span"));
    this.initials.className = "initials";
    this.caption = this.tile.appendChild(document.createElement("figcaption"));
    this.tile.onclick = () => call.choose(this);
    this.update({ name, paused });
  }

  update({ name, paused }) {
    this.name = name;
    this.caption.textContent = name;
    this.initials.textContent = [...name].slice(0, 2).join("").toUpperCase();
    this.tile.classList.toggle("paused", !!paused);
  }

  image(view, bytes) {
    const w = view.getUint32(0), h = view.getUint32(4), ms = BigInt(view.getUint32(20)) * 1000n;
    this.received++;
    if (bytes.length !== IMAGE_HEAD + w * h * 3) return void this.dropped++;
    this.put({ taken: wide(ms, this.call.now()), paint: () => this.pixels(bytes.subarray(IMAGE_HEAD), w, h) });
  }

  pixels(rgb, w, h) {
    const rgba = new Uint8ClampedArray(w * h * 4).fill(255);
    for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
      rgba[to] = rgb[from]; rgba[to + 1] = rgb[from + 1]; rgba[to + 2] = rgb[from + 2];
    }
    this.size(w, h);
    this.pen.putImageData(new ImageData(rgba, w, h), 0, 0);
  }

  video(view, bytes) {
    const codec = view.getUint8(0), flags = view.getUint8(1), layer = view.getUint16(6), seq = view.getUint32(8), taken = view.getBigUint64(12);
    const data = bytes.subarray(VIDEO_HEAD);
    this.received++;
    if (flags & ENCRYPTED) return void this.dropped++;
    if (codec === JPEG) return this.put({ taken, paint: () => this.jpeg(data) });
    if (codec !== VP8 || layer > 3) return void this.dropped++;
    let chain = this.chains.get(layer);
    if (!chain) this.chains.set(layer, (chain = new Chain(this)));
    chain.take(seq, flags, taken, data);
  }

  async jpeg(data) {
    const picture = await createImageBitmap(new Blob([data], { type: "image/jpeg" }));
    this.draw(picture, picture.width, picture.height);
    picture.close();
  }

  // put keeps the newest picture that stands alone while one is being painted.
  async put(picture) {
    if (this.next) this.dropped++;
    this.next = picture;
    if (this.busy) return;
    this.busy = true;
    while (this.next) {
      const p = this.next;
      this.next = null;
      try {
        await p.paint();
        this.done(p.taken);
      } catch {
        this.dropped++; // one that does not decode
      }
    }
    this.busy = false;
  }

  size(w, h) {
    if (this.canvas.width !== w || this.canvas.height !== h) Object.assign(this.canvas, { width: w, height: h });
  }

  draw(picture, w, h) {
    this.size(w, h);
    this.pen.drawImage(picture, 0, 0);
  }

  done(taken) {
    this.drawn++;
    this.age = Math.max(0, Number(this.call.now() - taken) / 1000);
    this.tile.classList.add("seen");
    this.tile.classList.remove("paused");
  }

  close() {
    for (const chain of this.chains.values()) chain.close();
    this.tile.remove();
  }
}

// wide is a time in µs of which only the milliseconds modulo 2^32 came.
function wide(low, now) {
  const span = 4294967296000n, near = now - (now % span) + low;
  return near - now > span / 2n ? near - span : now - near > span / 2n ? near + span : near;
}

// ---- pictures that depend on each other

class Chain {
  constructor(member) {
    Object.assign(this, { member, last: null, asked: 0, decoder: null });
  }

  take(seq, flags, taken, data) {
    const follows = this.last !== null && [1, flags & SPARE ? 2 : 1].includes((seq - this.last) >>> 0);
    if (!(flags & KEY) && !follows) {
      this.member.dropped++;
      this.last = null;
      return this.need();
    }
    this.last = seq;
    try {
      this.open().decode(new EncodedVideoChunk({ type: flags & KEY ? "key" : "delta", timestamp: Number(taken), data }));
    } catch {
      this.fail();
    }
  }

  open() {
    if (!this.decoder || this.decoder.state === "closed") {
      this.decoder = new VideoDecoder({ output: (frame) => this.show(frame), error: () => this.fail() });
      this.decoder.configure({ codec: "vp8", optimizeForLatency: true });
    }
    return this.decoder;
  }

  show(frame) {
    this.member.draw(frame, frame.displayWidth, frame.displayHeight);
    this.member.done(BigInt(frame.timestamp));
    frame.close();
  }

  fail() {
    this.member.dropped++;
    this.last = null;
    this.close();
    this.need();
  }

  need() {
    const now = performance.now();
    if (now - this.asked < 500) return;
    this.asked = now;
    this.member.call.send(json(TYPE.key, { id: this.member.id }));
  }

  close() {
    if (this.decoder && this.decoder.state !== "closed") this.decoder.close();
    this.decoder = null;
  }
}

// ---- the call

class Call {
  constructor() {
    const q = new URLSearchParams(location.search);
    Object.assign(this, {
      room: q.get("room") || "lobby", name: q.get("name") || "browser", token: sessionStorage.getItem("acip-token") || "",
      codecs: ["jpeg", "raw"], members: new Map(), offset: 0n, wait: 0, resume: "", bytes: 0, drawn: 0, chosen: null,
    });
  }

  // begin learns what this browser decodes. VideoDecoder is there on https and on localhost only.
  async begin() {
    const vp8 = "VideoDecoder" in self && (await VideoDecoder.isConfigSupported({ codec: "vp8" }).catch(() => ({}))).supported;
    if (vp8) this.codecs.unshift("vp8");
    new ResizeObserver(() => this.layout()).observe($("grid"));
    document.onvisibilitychange = () => this.demand();
    document.onkeydown = (e) => this.key(e);
    $("ask").onsubmit = (e) => this.answer(e);
    setInterval(() => this.second(), 1000);
    this.connect();
  }

  now() { return microseconds() + this.offset; }

  send(p) { if (this.ws?.readyState === WebSocket.OPEN) this.ws.send(p); }

  connect() {
    const base = new URL("acip", location.href);
    base.protocol = base.protocol === "https:" ? "wss:" : "ws:";
    this.ws = new WebSocket(base, "acip.relay.1");
    this.ws.binaryType = "arraybuffer";
    this.ws.onopen = () => this.send(json(TYPE.hello, {
      protocol: 1, room: this.room, name: this.name, role: "watch", codecs: this.codecs, demand: true, resume: this.resume, token: this.token, agent: "acip-web",
    }));
    this.ws.onmessage = (e) => this.take(e.data);
    this.ws.onclose = (e) => this.lost(e);
  }

  lost({ code, reason }) {
    if (code === UNAUTHORISED) return this.askToken(reason);
    if (code in FINAL) return note(`${FINAL[code]}: ${reason}`, 0);
    const asked = /retry after (\d+) s/.exec(reason);
    this.wait = Math.max(asked ? asked[1] * 1000 : 0, Math.min(8000, this.wait * 2 || 250));
    note(`connection lost${reason ? `: ${reason}` : ""}; trying again`, 0);
    setTimeout(() => this.connect(), this.wait * (0.8 + 0.4 * Math.random()));
  }

  askToken(reason) {
    note(reason, 0);
    $("ask").hidden = false;
    $("token").focus();
  }

  answer(e) {
    e.preventDefault();
    this.token = $("token").value;
    sessionStorage.setItem("acip-token", this.token);
    $("ask").hidden = true;
    note("");
    this.connect();
  }

  take(data) {
    if (data.byteLength < HEADER) return;
    const head = new DataView(data), type = head.getUint16(8), id = head.getUint32(18), bytes = new Uint8Array(data, HEADER), member = this.members.get(id);
    this.bytes += data.byteLength;
    switch (type) {
      case TYPE.welcome: return this.welcome(parse(bytes));
      case TYPE.image: return member?.image(new DataView(data, HEADER), bytes);
      case TYPE.video: return member?.video(new DataView(data, HEADER), bytes);
      case TYPE.join: return this.join(parse(bytes));
      case TYPE.leave: return this.leave(parse(bytes));
      case TYPE.start: case TYPE.stop: return member?.tile.classList.toggle("paused", type === TYPE.stop);
      case TYPE.text: return note(`${member ? member.name : "somebody"}: ${parse(bytes).text}`);
      case TYPE.error: return note(new TextDecoder().decode(bytes.subarray(8)));
      case TYPE.ping: return this.pong(bytes);
      case TYPE.pong: return this.clock(new DataView(data, HEADER));
    }
  }

  welcome(w) {
    this.wait = 0;
    this.resume = w.resume;
    note("");
    $("room").textContent = `${w.room} at ${location.host}`;
    for (const id of this.members.keys()) if (!w.members.some((m) => m.id === id)) this.drop(id);
    w.members.forEach((m) => this.join(m, true));
    this.ask();
    this.layout();
  }

  join(m, quiet) {
    if (m.role === "watch") return;
    const old = this.members.get(m.id);
    if (old) {
      old.chains.forEach((c) => { c.last = null; }); // another connection's past is not to be continued
      old.update(m);
    } else {
      const member = new Member(this, m);
      this.members.set(m.id, member);
      $("grid").append(member.tile);
      if (!quiet) note(`${m.name} joins`);
    }
    this.layout();
  }

  leave({ id, name, reason }) {
    if (reason === "resumed") return;
    if (this.drop(id)) note(`${name} leaves`);
    this.layout();
  }

  drop(id) {
    const member = this.members.get(id);
    if (!member) return false;
    this.members.delete(id);
    if (this.chosen === member) this.choose(null);
    member.close();
    return true;
  }

  // choose shows one alone, or all again.
  choose(member) {
    this.chosen?.tile.classList.remove("chosen");
    this.chosen = member === this.chosen ? null : member;
    this.chosen?.tile.classList.add("chosen");
    $("grid").classList.toggle("alone", !!this.chosen);
    this.layout();
  }

  // layout takes as many columns as make the tiles, of 4:3, the largest.
  layout() {
    const grid = $("grid"), n = this.chosen ? 1 : this.members.size;
    let best = 1, most = 0;
    for (let columns = 1; columns <= n; columns++) {
      const w = Math.min(grid.clientWidth / columns, (grid.clientHeight / Math.ceil(n / columns)) * (4 / 3));
      if (w > most) [best, most] = [columns, w];
    }
    grid.style.gridTemplateColumns = `repeat(${best}, minmax(0, 1fr))`;
    grid.style.gridAutoRows = "minmax(0, 1fr)";
    clearTimeout(this.later);
    this.later = setTimeout(() => this.demand(), 100);
  }

  // demand wants what is looked at, as large as it is shown.
  demand() {
    const shown = document.hidden ? [] : this.chosen ? [this.chosen] : [...this.members.values()];
    const side = (css) => Math.min(1280, Math.max(16, Math.round(css * devicePixelRatio)));
    this.send(json(TYPE.demand, {
      streams: shown.map(({ id, tile }) => ({ id, width: side(tile.clientWidth), height: side(tile.clientHeight), fps: 30 })),
    }));
  }

  ask() {
    const p = new Uint8Array(8);
    new DataView(p.buffer).setBigUint64(0, microseconds());
    this.send(packet(TYPE.ping, p));
  }

  pong(asked) {
    const p = new Uint8Array(16);
    p.set(asked.subarray(0, 8));
    new DataView(p.buffer).setBigUint64(8, microseconds());
    this.send(packet(TYPE.pong, p));
  }

  clock(view) {
    const asked = view.getBigUint64(0), there = view.getBigUint64(8), now = microseconds();
    this.offset = there - (asked + now) / 2n;
  }

  second() {
    const all = [...this.members.values()], drawn = all.reduce((n, m) => n + m.drawn, 0);
    const age = Math.max(0, ...all.map((m) => m.age));
    $("numbers").textContent = `${Math.max(0, drawn - this.drawn)} fps · ${Math.round(this.bytes / 125)} kbit/s · ${Math.round(age)} ms`;
    [this.drawn, this.bytes] = [drawn, 0];
    this.send(json(TYPE.report, {
      streams: all.map((m) => ({ id: m.id, received: m.received, drawn: m.drawn, dropped: m.dropped, age_ms: Math.round(m.age) })),
    }));
    this.beat = (this.beat ?? 0) + 1;
    if (this.beat % 10 === 0) this.ask();
  }

  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.tagName === "INPUT") return;
    if (e.key === "f") document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    if (e.key === "n") $("grid").classList.toggle("nameless");
    if (e.key === "Escape") this.chosen && this.choose(null);
  }
}

let clearing;

// note is a line that passes after some seconds; 0: stays.
function note(text, ms = 4000) {
  clearTimeout(clearing);
  $("note").textContent = text;
  if (ms) clearing = setTimeout(() => note(""), ms);
}

new Call().begin();
