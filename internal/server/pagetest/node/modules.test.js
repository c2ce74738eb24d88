// Tests of the page's pure modules: node --test.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Backoff } from "../../web/page/backoff.js";
import { Clock } from "../../web/page/clock.js";
import { FLAG, TYPE } from "../../web/page/constants.js";
import { Wisher, wish } from "../../web/page/demand.js";
import { Dependency } from "../../web/page/dependency.js";
import { Freshness } from "../../web/page/freshness.js";
import { Downlink, Ladder, STEPS, summary } from "../../web/page/ladder.js";
import { layout } from "../../web/page/layout.js";
import { clocks, crc32c, errorBody, imageHead, object, pack, packJSON, ping, pong, unpack, videoHead, widen } from "../../web/page/wire.js";

test("packets come back as they went", () => {
  assert.equal(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
  const p = unpack(packJSON(TYPE.HELLO, { name: "ä" }).buffer);
  assert.equal(p.type, TYPE.HELLO);
  assert.deepEqual(object(p.payload), { name: "ä" });
  const asked = unpack(ping(1_790_000_000_123_456).buffer);
  assert.deepEqual(clocks(unpack(pong(asked.payload, 1_790_000_000_200_000).buffer).payload), { asked: 1_790_000_000_123_456, there: 1_790_000_000_200_000 });
});

test("what is no packet is none", () => {
  const whole = pack(TYPE.PING, new Uint8Array(8));
  for (const cut of [0, 1, 21, whole.length - 1]) assert.equal(unpack(whole.slice(0, cut).buffer), null);
  const wrong = whole.slice();
  wrong[0] ^= 1;
  assert.equal(unpack(wrong.buffer), null);
  for (const text of ["", "null", "3", "{", '"x"']) assert.equal(object(new TextEncoder().encode(text)), null);
  assert.deepEqual(errorBody(new Uint8Array(3)), { code: 0, message: "" });
  assert.equal(clocks(new Uint8Array(8)), null);
});

test("pictures must be what their heads say", () => {
  const image = new Uint8Array(24 + 2 * 3 * 3);
  new DataView(image.buffer).setUint32(0, 2);
  new DataView(image.buffer).setUint32(4, 3);
  assert.equal(imageHead(image)?.width, 2);
  assert.equal(imageHead(image.subarray(1)), null);
  assert.equal(imageHead(image.subarray(0, 10)), null);
  const video = new Uint8Array(21), v = new DataView(video.buffer);
  assert.equal(videoHead(video), null, "no sides");
  v.setUint8(0, 1);
  v.setUint16(2, 4);
  v.setUint16(4, 4096);
  assert.equal(videoHead(video)?.flags, FLAG.KEY | FLAG.DISCARDABLE, "a JPEG stands alone");
  v.setUint16(4, 4097);
  assert.equal(videoHead(video), null, "too high");
  assert.equal(videoHead(video.subarray(0, 20)), null, "no picture");
});

test("a time of 32 bits is the one closest to now", () => {
  for (const now of [1_790_000_000_000_000, 2 ** 32 * 1000 * 416 + 5000, 2 ** 32 * 1000 * 417 - 5000]) {
    for (const ms of [-20_000, -1, 0, 1, 20_000]) {
      const at = now + ms * 1000;
      assert.equal(widen(Math.floor(at / 1000) % 2 ** 32, now), Math.floor(at / 1000) * 1000);
    }
  }
});

test("dependencies are package media's", () => {
  const cases = JSON.parse(readFileSync(new URL("../../../../media/testdata/dependency.json", import.meta.url), "utf8"));
  assert.ok(cases.length >= 10);
  for (const { name, steps } of cases) {
    const d = new Dependency();
    for (const [i, s] of steps.entries()) {
      assert.equal(d.missing(s.seq), s.missing ?? 0, `${name}, step ${i}`);
      assert.deepEqual(d.receive(s.seq, s.flags ?? 0), { decodable: !!s.decodable, needKey: !!s.need_key }, `${name}, step ${i}`);
      if (s.drop) d.drop(s.flags ?? 0);
    }
    d.reset();
    assert.deepEqual(d.receive(1, 0), { decodable: false, needKey: true }, name);
  }
});

test("the clock takes the quickest trip, and forgets all when a clock is stepped", () => {
  const c = new Clock();
  let now = 1e15;
  const trip = (rtt, offset, late = 0) => c.answered(now, (now += rtt) - rtt + rtt / 2 + late + offset, now);
  trip(10_000, 5e6);
  trip(400_000, 5e6, 150_000);
  assert.ok(Math.abs(c.offset - 5e6) < 5000);
  assert.equal(c.least, 10_000);
  trip(10_000, 65e6);
  assert.ok(Math.abs(c.offset - 65e6) < 5000, "stepped by a minute");
  trip(12_000, -3e6);
  assert.ok(Math.abs(c.offset + 3e6) < 5000, "stepped back");
  c.answered(now + 5, 0, now);
  assert.ok(Math.abs(c.offset + 3e6) < 5000, "an answer to nothing");
});

test("the back-off is acip-client's", () => {
  const b = new Backoff(), waits = Array.from({ length: 8 }, () => b.next(0, 0));
  assert.deepEqual(waits, [0, 250, 500, 1000, 2000, 4000, 8000, 8000]);
  assert.ok(b.next(0, 0.999) > 5300);
  assert.deepEqual([b.next(3000, 0), b.next(3000, 1)], [3000, 3750], "what the server asks for");
  b.reset();
  assert.equal(b.next(0, 0.5), 0);
});

/** slow plays a link that carries so many bytes a second, of which a full-size picture costs 10,000, and returns the ladder. */
function slow(carries, seconds, down = new Downlink(), from = 0) {
  for (let t = from; t < from + seconds * 1000; t += 500) {
    const { side, rate } = down.ladder.step, size = 10_000 * side ** 1.5, offered = 15 * rate, fits = Math.min(offered, carries / 2 / size);
    const late = fits < offered * 0.95;
    down.look({ seconds: 0.5, received: Math.max(1, Math.floor(fits)), missing: Math.floor(offered - fits), dropped: 0, bytes: Math.floor(fits) * size, late: late ? 400 : 20, rtt: late ? 300 : 10 }, t);
  }
  return down;
}

test("a slow link steps down to what it carries, and up again when it carries more", () => {
  const easy = slow(1e6, 20);
  assert.equal(easy.ladder.level, 0);
  assert.equal(String(easy.ladder), "");
  const down = slow(1e6, 5);
  slow(32_000, 15, down, 5000);
  const { level, step } = down.ladder;
  assert.ok(level >= 2 && 300_000 * step.side ** 1.5 * step.rate <= 32_000 * 1.5, `level ${level}`);
  assert.match(String(down.ladder), /^slow link: \d+% size, \d+% rate$/);
  slow(1e6, 180, down, 20_000);
  assert.equal(down.ladder.level, 0);
});

test("one bad look is an accident, two are not, and failing upward doubles the patience", () => {
  const l = new Ladder();
  assert.equal(l.judge(true, 1, 0, 0), false);
  assert.equal(l.judge(false, 1, 0, 500), false);
  assert.equal(l.judge(true, 1, 0, 1000), false);
  assert.equal(l.judge(true, 1, 0, 1500), true);
  assert.equal(l.step, STEPS[1]);
  let t = 2000;
  while (!l.judge(false, 1, 0, t)) t += 500;
  assert.equal(l.level, 0);
  for (const _ of [1, 2, 3]) l.judge(true, 1, 0, (t += 1000));
  assert.equal(l.level, 1);
  const fell = t;
  while (!l.judge(false, 1, 0, t)) t += 500;
  assert.ok(t - fell > 8000, `rose after ${t - fell} ms`);
});

test("late pictures alone are the sender's link, not this one", () => {
  const d = new Downlink();
  for (let t = 0; t < 20_000; t += 500) d.look({ seconds: 0.5, received: 15, missing: 0, dropped: 0, bytes: 1e5, late: t < 2000 ? 20 : 3000, rtt: 5 }, t);
  assert.equal(d.ladder.level, 0);
});

test("a machine that draws too slowly asks for less", () => {
  const d = new Downlink();
  for (let t = 0; t < 3000; t += 500) d.look({ seconds: 0.5, received: 15, missing: 0, dropped: 10, bytes: 1e5, late: 20, rtt: 5 }, t);
  assert.ok(d.ladder.level > 0);
});

test("a sender speaks for its own pictures alone", () => {
  const honest = [new Downlink(), new Downlink()], liar = new Downlink();
  for (let t = 0; t < 10_000; t += 500) {
    const look = { seconds: 0.5, received: 15, dropped: 0, bytes: 1e4, rtt: 5, all: { received: 45, missing: 3000 } };
    for (const d of honest) d.look({ ...look, missing: 0, late: 10 }, t);
    liar.look({ ...look, missing: 3000, late: 2000 }, t);
  }
  assert.ok(liar.ladder.level > 0);
  assert.deepEqual(honest.map((d) => d.ladder.level), [0, 0]);
  assert.equal(summary([liar, ...honest]), "", "the link is not called slow");
  assert.match(summary([liar]), /^slow link/);
  assert.equal(summary([]), "");
});

test("tiles are asked for in device pixels", () => {
  const step = { side: 1, rate: 1 };
  assert.deepEqual(wish([{ id: 1, width: 320, height: 240, step }], 2), [{ id: 1, width: 640, height: 480, fps: 30 }]);
  assert.deepEqual(wish([{ id: 1, width: 321, height: 5, step }, { id: 2, width: 0, height: 0, step }], 1), [{ id: 1, width: 336, height: 16, fps: 30 }]);
  assert.deepEqual(wish([{ id: 1, width: 9000, height: 240, step: { side: 0.5, rate: 0.5 } }], 1), [{ id: 1, width: 1920, height: 128, fps: 15 }]);
});

test("a window that is dragged costs few demands, and none for what is not needed", () => {
  const w = new Wisher(), box = (width) => [{ id: 1, width, height: 240, fps: 30 }];
  assert.deepEqual(w.look(box(320), 0).send, box(320), "the first at once");
  let sent = 0;
  for (let t = 10; t < 2000; t += 10) if (w.look(box(320 + t), t).send) sent++;
  assert.ok(sent <= 1, `${sent} while it moves`);
  const { again } = w.look(box(2310), 2000);
  assert.deepEqual(w.look(box(2310), 2000 + again).send, box(2310), "the last one");
  assert.equal(w.look(box(2310), 9000).send, null, "never twice");
  assert.equal(w.look(box(300), 10_000).send, null, "smaller waits");
  assert.deepEqual(w.look(box(300), 12_000).send, box(300));
  assert.deepEqual(w.look([], 12_300, true).send, [], "nothing, at once");
  w.reset();
  assert.deepEqual(w.look([], 12_301).send, [], "another connection");
});

test("a picture that stands still is worth a word, unless its sender is slow", () => {
  const f = new Freshness(0);
  assert.equal(f.still(2999), 0);
  assert.equal(f.still(3000), 3, "nothing came at all");
  for (let t = 3100; t < 5000; t += 33) f.arrived(t);
  assert.equal(f.still(7000), 0);
  assert.equal(f.still(9000), 4);
  f.excuse(9000);
  assert.equal(f.still(9500), 0);
  for (let t = 10_000; t <= 40_000; t += 5000) f.arrived(t);
  assert.equal(f.still(50_000), 0, "one in five seconds");
  assert.equal(f.still(56_000), 16);
});

test("tiles are as large as can be", () => {
  assert.equal(layout(1, 1000, 500, 4 / 3, 8).columns, 1);
  assert.equal(layout(3, 3000, 500, 4 / 3, 8).columns, 3);
  assert.equal(layout(3, 390, 800, 4 / 3, 8).columns, 1);
  for (let n = 0; n < 40; n++) {
    const { columns, width, height } = layout(n, 1280, 750, 4 / 3, 8), rows = Math.ceil(n / columns);
    assert.ok(n === 0 || (columns * (width + 8) - 8 <= 1280.01 && rows * (height + 8) - 8 <= 750.01), `${n} tiles`);
  }
});
