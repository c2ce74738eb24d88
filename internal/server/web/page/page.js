// What stands around the tiles: the status, notes, numbers, and the cards that ask or explain.

/** @param {string} id @returns {any} */
const $ = (id) => document.getElementById(id);

const NOTE = 5000; // ms that a note stays
const NOTES = 4;   // at once

/** note shows a line that passes. @param {string} text */
export function note(text) {
  const line = Object.assign(document.createElement("p"), { textContent: text });
  $("notes").append(line);
  while ($("notes").children.length > NOTES) $("notes").firstElementChild.remove();
  setTimeout(() => line.remove(), NOTE);
}

/** status shows how the connection is, or nothing. @param {string} text @param {string} kind */
export function status(text, kind) {
  if ($("status").textContent !== text) $("status").textContent = text;
  $("status").dataset.kind = kind;
  document.body.dataset.link = kind;
}

/** @param {string} room @param {string} host */
export function place(room, host) {
  $("room").textContent = room;
  $("host").textContent = host;
  document.title = `${room} · acip`;
}

/** numbers shows what passes. @param {{fps: number, kbit: number, age: number, link: string}} n */
export function numbers({ fps, kbit, age, link }) {
  $("fps").textContent = `${Math.round(fps)} fps`;
  $("kbit").textContent = kbit < 1000 ? `${Math.round(kbit)} kbit/s` : `${(kbit / 1000).toFixed(1)} Mbit/s`;
  $("age").textContent = `${Math.round(age)} ms old`;
  $("link").textContent = link;
}

/** explain shows why there is no call, and a button that tries again. @param {string} sentence @param {string} hint @param {() => void} again */
export function explain(sentence, hint, again) {
  $("why").textContent = sentence.charAt(0).toUpperCase() + sentence.slice(1);
  $("hint").textContent = hint;
  $("card").hidden = false;
  $("again").onclick = () => {
    $("card").hidden = true;
    again();
  };
  $("again").focus();
}

/** askToken shows why a token is asked for, and answers with the one given. @param {string} sentence @param {(token: string) => void} answer */
export function askToken(sentence, answer) {
  $("asked").textContent = sentence.charAt(0).toUpperCase() + sentence.slice(1);
  $("ask").hidden = false;
  $("token").focus();
  $("ask").onsubmit = (/** @type {SubmitEvent} */ e) => {
    e.preventDefault();
    $("ask").hidden = true;
    answer($("token").value);
  };
}

/** hideCards takes away what asked or explained. */
export function hideCards() {
  $("card").hidden = $("ask").hidden = true;
}

/** empty says what is missing when there are no tiles. @param {boolean} is @param {string} text */
export function empty(is, text) {
  $("empty").hidden = !is;
  $("nobody").textContent = text;
}

/** command shows how to join with a camera. @param {string} text */
export function command(text) {
  $("command").textContent = text;
}

/** hidden lists who is hidden; each is a button that shows them again. @param {string[]} names @param {(name: string) => void} show */
export function hidden(names, show) {
  $("hidden").replaceChildren(...names.map((name) => {
    const b = Object.assign(document.createElement("button"), { type: "button", textContent: name, title: `Show ${name} again`, ariaLabel: `Show ${name} again` });
    b.onclick = () => show(name);
    return b;
  }));
  $("hiding").hidden = names.length === 0;
}

/** @returns {HTMLElement} */
export const grid = () => $("grid");

/** fullScreen switches to the whole screen and back. */
export function fullScreen() {
  const done = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
  done.catch(() => note("this browser shows no page on the full screen"));
}

/** names shows them or not. */
export function names() {
  const off = grid().classList.toggle("nameless");
  $("names").ariaPressed = String(!off);
}

/** buttons connects those of the bar. @param {{full: () => void, names: () => void}} on */
export function buttons(on) {
  $("full").onclick = on.full;
  $("names").onclick = on.names;
}
