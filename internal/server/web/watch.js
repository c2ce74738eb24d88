// The page that watches a room: reads its address, and starts a call.

import { Call } from "./page/call.js";
import { decodable } from "./page/decode.js";

const q = new URLSearchParams(location.search);
new Call({
  room: q.get("room") || "lobby",
  name: q.get("name") || "browser",
  codecs: await decodable(),
  base: new URL(".", location.href),
}).start();
