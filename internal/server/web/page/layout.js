// How many columns make the tiles largest. Pure.

/**
 * columns returns the number of columns in which n tiles of an aspect show the largest pictures.
 * @param {number} n tiles
 * @param {number} width of the grid
 * @param {number} height of the grid
 * @param {number} aspect width by height of the pictures
 * @param {number} gap between tiles
 */
export function columns(n, width, height, aspect, gap) {
  let best = 1, most = -1;
  for (let c = 1; c <= n; c++) {
    const rows = Math.ceil(n / c), w = (width - (c - 1) * gap) / c, h = (height - (rows - 1) * gap) / rows;
    const shown = Math.min(w, h * aspect);
    if (shown > most) [best, most] = [c, shown];
  }
  return best;
}
