// The service worker: the page opens without a network. A new release waits until it is wanted.

/** Register; `waiting(swap)` is told when a new version lies ready, `swap()` goes over to it. */
export async function register(url, waiting) {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return null;
  let registration;
  try {
    registration = await serviceWorker.register(url, { scope: "/field", updateViaCache: "none" });
  } catch {
    return null; // No secure context, or no network: the page itself works all the same.
  }
  const ready = (worker) => {
    if (!worker || !serviceWorker.controller) return;
    waiting(() => {
      serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
      worker.postMessage({ kind: "swap" });
    });
  };
  ready(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const { installing } = registration;
    installing?.addEventListener("statechange", () => {
      if (installing.state === "installed") ready(installing);
    });
  });
  return registration;
}

/** Tell the worker the language in which the page is to open without a network. */
export async function tellLanguage(language) {
  const registration = await navigator.serviceWorker?.ready;
  registration?.active?.postMessage({ kind: "language", language });
}

/** Ask for the tiles under a box once, so that the worker has them when there is no network. */
export async function warmTiles(pattern, [west, south, east, north], zooms = [14, 15, 16]) {
  const tile = (lon, lat, z) => {
    const sin = Math.sin((lat * Math.PI) / 180);
    const y = 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI);
    return [Math.floor((lon / 360 + 0.5) * 2 ** z), Math.floor(y * 2 ** z)];
  };
  for (const z of zooms) {
    const [[x1, y1], [x2, y2]] = [tile(west, north, z), tile(east, south, z)];
    const around = z > 15 ? 1 : 0; // Near by a finger moves beyond the grid.
    for (let x = x1 - around; x <= x2 + around; x++) {
      for (let y = y1 - around; y <= y2 + around; y++) {
        await fetch(pattern.replace("{z}", z).replace("{x}", x).replace("{y}", y), { credentials: "same-origin" })
          .catch(() => null);
      }
    }
  }
}
