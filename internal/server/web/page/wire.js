// ACIP packets as bytes: PROTOCOL.md. Pure.

import { CODEC, FLAG, SIZE, TYPE } from "./constants.js";

/**
 * @typedef {object} Packet one packet as it came
 * @property {number} type one of TYPE, or one that this version does not know
 * @property {number} id the sender's id, 0 is the server
 * @property {Uint8Array<ArrayBuffer>} payload
 *
 * @typedef {object} ImageHead
 * @property {number} width pixels
 * @property {number} height pixels
 * @property {number} ms capture time in ms of the Unix clock, modulo 2^32
 *
 * @typedef {object} VideoHead
 * @property {number} codec one of CODEC
 * @property {number} flags of FLAG
 * @property {number} width pixels
 * @property {number} height pixels
 * @property {number} layer simulcast layer, 0 is the main one
 * @property {number} seq counts the layer's pictures, modulo 2^32
 * @property {number} time capture time in µs of the Unix clock
 */

const castagnoli = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let i = 0; i < 8; i++) n = n & 1 ? (n >>> 1) ^ 0x82f63b78 : n >>> 1;
  return n;
});

/**
 * crc32c returns the CRC-32C of bytes.
 * @param {Uint8Array} bytes
 */
export function crc32c(bytes) {
  let c = ~0;
  for (const b of bytes) c = castagnoli[(c ^ b) & 255] ^ (c >>> 8);
  return ~c >>> 0;
}

/**
 * pack returns a packet with its header.
 * @param {number} type
 * @param {Uint8Array} payload
 */
export function pack(type, payload) {
  const out = new Uint8Array(SIZE.HEADER + payload.length), head = new DataView(out.buffer);
  head.setBigUint64(0, SIZE.MAGIC);
  head.setUint16(8, type);
  head.setUint32(10, payload.length);
  head.setUint32(14, payload.length ? crc32c(payload) : 0);
  out.set(payload, SIZE.HEADER);
  return out;
}

/**
 * packJSON returns a packet with body as its JSON payload.
 * @param {number} type
 * @param {unknown} body
 */
export const packJSON = (type, body) => pack(type, new TextEncoder().encode(JSON.stringify(body)));

/**
 * unpack returns the packet in a WebSocket message, or null for anything else. Checksums are not verified: TCP has its own,
 * and raw pictures would cost more than decoding them.
 * @param {ArrayBuffer} data
 * @returns {Packet | null}
 */
export function unpack(data) {
  if (data.byteLength < SIZE.HEADER) return null;
  const head = new DataView(data);
  if (head.getBigUint64(0) !== SIZE.MAGIC || head.getUint32(10) !== data.byteLength - SIZE.HEADER) return null;
  return { type: head.getUint16(8), id: head.getUint32(18), payload: new Uint8Array(data, SIZE.HEADER) };
}

/**
 * text returns a payload as UTF-8 text.
 * @param {Uint8Array} payload
 */
export const text = (payload) => new TextDecoder().decode(payload);

/**
 * object returns a JSON payload, or null for one that is not a JSON object.
 * @param {Uint8Array} payload
 * @returns {any}
 */
export function object(payload) {
  try {
    const value = JSON.parse(text(payload));
    return value !== null && typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

/** @param {Uint8Array} bytes */
const view = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * imageHead returns the head of an IMAGE_FRAME, or null when the payload is not the picture that it declares.
 * @param {Uint8Array} payload
 * @returns {ImageHead | null}
 */
export function imageHead(payload) {
  if (payload.length < SIZE.IMAGE_HEAD) return null;
  const v = view(payload), width = v.getUint32(0), height = v.getUint32(4);
  if (!sides(width, height) || payload.length !== SIZE.IMAGE_HEAD + width * height * 3) return null;
  return { width, height, ms: v.getUint32(20) };
}

/**
 * videoHead returns the head of a VIDEO_FRAME, or null when it is none. A JPEG is always a keyframe and droppable.
 * @param {Uint8Array} payload
 * @returns {VideoHead | null}
 */
export function videoHead(payload) {
  if (payload.length <= SIZE.VIDEO_HEAD) return null;
  const v = view(payload), codec = v.getUint8(0), width = v.getUint16(2), height = v.getUint16(4);
  if (!sides(width, height)) return null;
  const flags = v.getUint8(1) | (codec === CODEC.JPEG ? FLAG.KEY | FLAG.DISCARDABLE : 0);
  return { codec, flags, width, height, layer: v.getUint16(6), seq: v.getUint32(8), time: Number(v.getBigUint64(12)) };
}

/** @param {number} w @param {number} h */
const sides = (w, h) => w >= 1 && h >= 1 && w <= SIZE.MAX_SIDE && h <= SIZE.MAX_SIDE;

/**
 * errorBody returns the code and the sentence of an ERROR_MESSAGE.
 * @param {Uint8Array} payload
 */
export function errorBody(payload) {
  return payload.length < 8 ? { code: 0, message: "" } : { code: view(payload).getUint32(0), message: text(payload.subarray(8)) };
}

/**
 * ping returns a PING that carries this clock.
 * @param {number} clock µs
 */
export function ping(clock) {
  const p = new Uint8Array(SIZE.PING);
  view(p).setBigUint64(0, BigInt(Math.round(clock)));
  return pack(TYPE.PING, p);
}

/**
 * pong returns the answer to a PING.
 * @param {Uint8Array} asked the PING's payload
 * @param {number} clock µs
 */
export function pong(asked, clock) {
  const p = new Uint8Array(SIZE.PONG);
  p.set(asked.subarray(0, SIZE.PING));
  view(p).setBigUint64(SIZE.PING, BigInt(Math.round(clock)));
  return pack(TYPE.PONG, p);
}

/**
 * clocks returns the two clocks of a PONG in µs, or null when it is none.
 * @param {Uint8Array} payload
 */
export function clocks(payload) {
  if (payload.length !== SIZE.PONG) return null;
  return { asked: Number(view(payload).getBigUint64(0)), there: Number(view(payload).getBigUint64(SIZE.PING)) };
}

/**
 * widen returns the time in µs closest to now of which only the milliseconds modulo 2^32 came.
 * @param {number} ms
 * @param {number} now µs
 */
export function widen(ms, now) {
  const span = 2 ** 32 * 1000, near = now - (now % span) + ms * 1000;
  return near - now > span / 2 ? near - span : now - near > span / 2 ? near + span : near;
}
