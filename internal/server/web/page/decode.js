// A sender's pictures onto its canvas.

import { CODEC, FLAG, LAYERS, SIZE } from "./constants.js";
import { Dependency } from "./dependency.js";
import { imageHead, videoHead, widen } from "./wire.js";

/**
 * @typedef {object} Sink who is told what became of pictures
 * @property {() => number} now the server's clock in µs
 * @property {() => void} needKey asks the sender for a keyframe
 * @property {() => void} drawn
 */

// Chromium takes VP8 for BT.709 unless it is told; senders code BT.601, limited range.
/** @type {VideoDecoderConfig} */
export const VP8 = {
  codec: "vp8", optimizeForLatency: true,
  colorSpace: { primaries: "bt709", transfer: "iec61966-2-1", matrix: "smpte170m", fullRange: false },
};

const KEY_GAP = 500; // ms between two requests: the server passes on two a second
const ANSWER = 2000; // ms that a browser may take to say what it decodes; one whose media process hangs never does
const QUEUE = 8;     // pictures that wait in a decoder: a quarter of a second, then this machine is too slow

/** decodable returns what this browser decodes, best first. VideoDecoder exists on https and on localhost only. */
export async function decodable() {
  const all = ["jpeg", "raw"];
  if (!("VideoDecoder" in self)) return all;
  const late = new Promise((done) => setTimeout(done, ANSWER)).then(() => null);
  const vp8 = await Promise.race([VideoDecoder.isConfigSupported(VP8).catch(() => null), late]);
  return vp8?.supported ? ["vp8", ...all] : all;
}

/** Decoder draws one sender's pictures, the newest only, and counts what became of them. */
export class Decoder {
  received = 0;
  drawn = 0;
  dropped = 0; // for any reason on this machine
  slow = 0;    // of them, because this machine did not keep up
  missing = 0; // numbers that the server left out
  bytes = 0;
  age = 0;     // ms of the newest picture when it was drawn
  late = 0;    // ms of the newest picture when it arrived
  aspect = 0;  // width by height, 0 before the first picture
  #canvas;
  #context;
  #sink;
  /** @type {{time: number, paint: () => Promise<void> | void} | null} */
  #next = null;
  #busy = false;
  #before = { received: 0, missing: 0, dropped: 0, bytes: 0 };
  /** @type {Map<number, Layer>} */
  #layers = new Map();

  /** @param {HTMLCanvasElement} canvas @param {Sink} sink */
  constructor(canvas, sink) {
    this.#canvas = canvas;
    this.#sink = sink;
    const context = canvas.getContext("2d", { alpha: false, desynchronized: true });
    if (!context) throw new Error("this browser has no 2D canvas");
    this.#context = context;
  }

  /** @param {Uint8Array<ArrayBuffer>} payload of an IMAGE_FRAME */
  image(payload) {
    const head = imageHead(payload);
    this.#count(payload);
    if (!head) return void this.dropped++;
    const now = this.#sink.now(), time = widen(head.ms, now);
    this.late = Math.max(0, now - time) / 1000;
    this.#put(time, () => this.#pixels(payload.subarray(SIZE.IMAGE_HEAD), head.width, head.height));
  }

  /** @param {Uint8Array<ArrayBuffer>} payload of a VIDEO_FRAME */
  video(payload) {
    const head = videoHead(payload), data = payload.subarray(SIZE.VIDEO_HEAD);
    this.#count(payload);
    if (!head || head.flags & FLAG.ENCRYPTED || head.layer >= LAYERS) return void this.dropped++;
    this.late = Math.max(0, this.#sink.now() - head.time) / 1000;
    const layer = this.#layer(head.layer);
    this.missing += layer.dependency.missing(head.seq);
    const { decodable, needKey } = layer.dependency.receive(head.seq, head.flags);
    if (!decodable) return layer.skip(needKey);
    if (head.codec === CODEC.JPEG) return this.#put(head.time, () => this.#jpeg(data));
    if (head.codec === CODEC.VP8) return layer.decode(head, data);
    this.dropped++;
  }

  /** @param {Uint8Array} payload */
  #count(payload) {
    this.received++;
    this.bytes += payload.length;
  }

  /** @param {number} number */
  #layer(number) {
    let layer = this.#layers.get(number);
    if (!layer) this.#layers.set(number, (layer = new Layer(this, this.#sink)));
    return layer;
  }

  /** @param {number} time µs @param {() => Promise<void> | void} paint #put keeps the newest picture while one is painted. */
  async #put(time, paint) {
    if (this.#next) this.#late();
    this.#next = { time, paint };
    if (this.#busy) return;
    this.#busy = true;
    while (this.#next) {
      /** @type {{time: number, paint: () => Promise<void> | void}} */
      const p = this.#next;
      this.#next = null;
      try {
        await p.paint();
        this.done(p.time);
      } catch {
        this.dropped++; // does not decode
      }
    }
    this.#busy = false;
  }

  #late() {
    this.dropped++;
    this.slow++;
  }

  /** @param {Uint8Array} rgb @param {number} w @param {number} h */
  #pixels(rgb, w, h) {
    const rgba = new Uint8ClampedArray(w * h * 4).fill(255);
    for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
      rgba[to] = rgb[from]; rgba[to + 1] = rgb[from + 1]; rgba[to + 2] = rgb[from + 2];
    }
    this.#size(w, h);
    this.#context.putImageData(new ImageData(rgba, w, h), 0, 0);
  }

  /** @param {Uint8Array<ArrayBuffer>} data */
  async #jpeg(data) {
    const picture = await createImageBitmap(new Blob([data], { type: "image/jpeg" }));
    this.draw(picture, picture.width, picture.height);
    picture.close();
  }

  /** @param {number} w @param {number} h */
  #size(w, h) {
    this.aspect = w / h;
    if (this.#canvas.width !== w || this.#canvas.height !== h) Object.assign(this.#canvas, { width: w, height: h });
  }

  /** @param {CanvasImageSource} picture @param {number} w @param {number} h */
  draw(picture, w, h) {
    this.#size(w, h);
    this.#context.drawImage(picture, 0, 0, w, h);
  }

  /** @param {number} time µs, of the picture that was drawn */
  done(time) {
    this.drawn++;
    this.age = Math.max(0, this.#sink.now() - time) / 1000;
    this.#sink.drawn();
  }

  /** passed returns what came since it was last called; dropped is what this machine was too slow for. */
  passed() {
    const b = this.#before, all = { received: this.received, missing: this.missing, dropped: this.slow, bytes: this.bytes };
    this.#before = all;
    return { received: all.received - b.received, missing: all.missing - b.missing, dropped: all.dropped - b.dropped, bytes: all.bytes - b.bytes };
  }

  /** reset waits for keyframes: what follows comes by another connection. */
  reset() {
    for (const layer of this.#layers.values()) layer.dependency.reset();
    this.late = this.age = 0;
  }

  close() {
    this.#next = null;
    for (const layer of this.#layers.values()) layer.close();
    this.#layers.clear();
  }
}

/** Layer decodes inter-coded pictures of one simulcast layer. */
class Layer {
  dependency = new Dependency();
  #to;
  #sink;
  #asked = -KEY_GAP;
  /** @type {VideoDecoder | null} */
  #decoder = null;

  /** @param {Decoder} to @param {Sink} sink */
  constructor(to, sink) {
    this.#to = to;
    this.#sink = sink;
  }

  /** skip drops a frame that cannot be decoded. @param {boolean} needKey */
  skip(needKey) {
    this.#to.dropped++;
    if (needKey) this.#need();
  }

  /** @param {import("./wire.js").VideoHead} head @param {Uint8Array<ArrayBuffer>} data */
  decode(head, data) {
    try {
      const decoder = this.#open();
      if (decoder.decodeQueueSize > QUEUE) {
        this.#to.slow++;
        this.dependency.drop(head.flags);
        return this.skip(!(head.flags & FLAG.DISCARDABLE));
      }
      const type = head.flags & FLAG.KEY ? "key" : "delta";
      decoder.decode(new EncodedVideoChunk({ type, timestamp: head.time, data }));
    } catch {
      this.#fail();
    }
  }

  #open() {
    if (!this.#decoder || this.#decoder.state === "closed") {
      this.#decoder = new VideoDecoder({ output: (frame) => this.#show(frame), error: () => this.#fail() });
      this.#decoder.configure(VP8);
    }
    return this.#decoder;
  }

  /** @param {VideoFrame} frame */
  #show(frame) {
    this.#to.draw(frame, frame.displayWidth, frame.displayHeight);
    this.#to.done(frame.timestamp);
    frame.close();
  }

  /** #fail begins with another decoder and a keyframe. */
  #fail() {
    this.#to.dropped++;
    this.dependency.reset();
    this.close();
    this.#need();
  }

  #need() {
    const now = performance.now();
    if (now - this.#asked < KEY_GAP) return;
    this.#asked = now;
    this.#sink.needKey();
  }

  close() {
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
  }
}
