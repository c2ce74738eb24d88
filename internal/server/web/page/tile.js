// One member on the page. Names are text, whatever they hold.

import { Decoder } from "./decode.js";
import { Freshness } from "./freshness.js";
import { Downlink } from "./ladder.js";

/**
 * @typedef {object} Actions what a person does to a tile
 * @property {(tile: Tile) => void} choose shows it alone, or all again
 * @property {(tile: Tile) => void} hide
 */

/** @param {string} name @returns {HTMLElement} */
const make = (name, className = "") => Object.assign(document.createElement(name), { className });

/** Tile is a figure with a sender's picture, name and state. */
export class Tile {
  element = make("figure");
  paused = false;
  name = "";
  decoder;
  freshness;
  down = new Downlink(); // what the link carries of it
  #caption = make("figcaption");
  #named = make("bdi", "name");
  #state = make("span", "state");
  #initials = make("span", "initials");
  #choose = /** @type {HTMLButtonElement} */ (make("button", "choose"));
  #hide = /** @type {HTMLButtonElement} */ (make("button", "hide"));
  #shown = 0;

  /**
   * @param {number} id
   * @param {Actions} actions
   * @param {{now: () => number, needKey: () => void}} sender
   */
  constructor(id, actions, sender) {
    this.id = id;
    const canvas = /** @type {HTMLCanvasElement} */ (document.createElement("canvas"));
    this.decoder = new Decoder(canvas, { ...sender, drawn: () => this.#drawn() });
    this.freshness = new Freshness(performance.now());
    this.#initials.ariaHidden = "true";
    this.#choose.type = this.#hide.type = "button";
    this.#choose.onclick = () => actions.choose(this);
    this.#hide.onclick = () => actions.hide(this);
    this.#hide.append(icon());
    this.#caption.append(this.#named, this.#state);
    this.element.append(canvas, this.#initials, this.#choose, this.#caption, this.#hide);
  }

  /** @param {{name: string, paused?: boolean}} member */
  update({ name, paused }) {
    this.name = name;
    this.element.dataset.name = this.#named.textContent = name;
    this.#initials.textContent = [...name].slice(0, 2).join("").toUpperCase();
    this.#hide.title = `Hide ${name} (h)`;
    this.#hide.ariaLabel = `Hide ${name}`;
    this.label(false);
    this.pause(!!paused);
  }

  /** @param {boolean} alone */
  label(alone) {
    this.#choose.ariaLabel = alone ? "Show everyone" : `Show ${this.name} alone`;
    this.element.classList.toggle("chosen", alone);
  }

  /** @param {boolean} paused */
  pause(paused) {
    if (this.paused !== paused) this.freshness.excuse(performance.now());
    this.paused = paused;
    this.element.classList.toggle("paused", paused);
    this.look(performance.now(), !paused);
  }

  #drawn() {
    this.freshness.arrived(performance.now());
    if (this.paused) this.pause(false);
    this.element.classList.add("seen");
  }

  /**
   * look writes what there is to say of the picture, twice a second.
   * @param {number} now ms
   * @param {boolean} expected whether pictures should be coming
   */
  look(now, expected) {
    if (!expected) this.freshness.excuse(now);
    const still = this.paused ? 0 : this.freshness.still(now);
    this.element.classList.toggle("still", still > 0);
    const state = this.paused ? "paused" : still === 0 ? "" : this.freshness.seen ? `no picture for ${still} s` : "no picture yet";
    if (this.#state.textContent !== state) this.#state.textContent = state;
    if (this.#shown !== this.decoder.drawn) this.element.dataset.frames = String((this.#shown = this.decoder.drawn));
  }

  focus() {
    this.#choose.focus();
  }

  get focused() {
    return this.element.contains(document.activeElement);
  }

  remove() {
    this.decoder.close();
    this.element.remove();
  }
}

const SVG = "http://www.w3.org/2000/svg";

/** icon returns an eye, struck out. */
function icon() {
  const svg = document.createElementNS(SVG, "svg"), path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", "M3 3l18 18M10.6 5.1A10 10 0 0 1 12 5c6 0 9.5 7 9.5 7a17 17 0 0 1-2.6 3.5M6.2 6.3A17 17 0 0 0 2.5 12S6 19 12 19a9.6 9.6 0 0 0 5-1.5M9.9 9.9a3 3 0 0 0 4.2 4.2");
  svg.append(path);
  return svg;
}
