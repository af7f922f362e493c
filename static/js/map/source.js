// Where vector tiles come from: our own server, with its refusals seen for what they are.
// The library's own source takes any answer for a tile: a sign-in page would be parsed as one.

/** A failed tile is asked for again by a later draw; this name keeps the library quiet. */
function notNow(reason) {
  const error = new Error(reason);
  error.name = "AbortError";
  return error;
}

async function fetchTile(url, onstate) {
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin" });
  } catch {
    onstate(false);
    throw notNow("unreachable");
  }
  onstate(response.ok || response.status === 404);
  if (response.status === 404 || response.status === 204) return undefined;
  if (!response.ok) throw notNow(`HTTP ${response.status}`);
  return { data: await response.arrayBuffer() };
}

/**
 * A cache of parsed tiles of one address pattern.
 *
 * `tileSize` is the width in pixels that a tile's coordinates are scaled to; `onstate(ok)` hears
 * whether the last tile came.
 */
export function tileCache(pattern, tileSize, onstate = () => {}) {
  const archive = {
    getZxy: (z, x, y) =>
      fetchTile(pattern.replace("{z}", z).replace("{x}", x).replace("{y}", y), onstate),
  };
  return new protomapsL.TileCache(new protomapsL.PmtilesSource(archive, false), tileSize);
}
