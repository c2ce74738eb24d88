// How the tiles are laid out. Pure.

/**
 * layout returns in how many columns n tiles of an aspect are largest, and how large a tile is then.
 * @param {number} n tiles
 * @param {number} width of the grid
 * @param {number} height of the grid
 * @param {number} aspect width by height of the pictures
 * @param {number} gap between tiles
 */
export function layout(n, width, height, aspect, gap) {
  let best = { columns: 1, width: 0, height: 0 };
  for (let columns = 1; columns <= n; columns++) {
    const rows = Math.ceil(n / columns);
    const w = Math.min((width - (columns - 1) * gap) / columns, ((height - (rows - 1) * gap) / rows) * aspect);
    if (w > best.width) best = { columns, width: w, height: w / aspect };
  }
  return best;
}
