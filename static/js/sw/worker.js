// The service worker of the tablet. It keeps the shell of the page (nobody's data) and, up to a
// bound, tiles of the base map (streets and buildings). It never touches anything but GET, and
// nothing under /api: people's data lies sealed in IndexedDB, never in a cache.
// The server puts `self.KEPT` = {version, files} before this text.
const worker = globalThis;
const { caches, clients } = worker;
const { version, files } = worker.KEPT;

const SHELL = `field-${version}`;
const TILES = "field-tiles";
const CHOICE = "field-choice";
const MOST_TILES = 900;
const LANGUAGES = ["zh_CN", "en"];
const shellOf = (language) => `/field/shell?lang=${language}`;

async function install() {
  const cache = await caches.open(SHELL);
  const wanted = [...files, ...LANGUAGES.map(shellOf)];
  await Promise.all(wanted.map(async (address) => {
    const response = await fetch(new worker.Request(address, { cache: "no-cache", redirect: "error" }));
    // A portal's page under our addresses would be kept for ever: only what is what it says.
    const kind = response.headers.get("Content-Type") || "";
    const page = address.startsWith("/field/shell");
    if (!response.ok || kind.startsWith("text/html") !== page) throw new Error(address);
    await cache.put(address, response);
  }));
}

async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith("field-") && ![SHELL, TILES, CHOICE].includes(name)) await caches.delete(name);
  }
  await clients.claim();
}

async function chosenLanguage(url) {
  const asked = url.searchParams.get("lang");
  if (LANGUAGES.includes(asked)) {
    await remember(asked);
    return asked;
  }
  const cache = await caches.open(CHOICE);
  const kept = await (await cache.match("/field/language"))?.text();
  return LANGUAGES.includes(kept) ? kept : LANGUAGES[0];
}

async function remember(language) {
  const cache = await caches.open(CHOICE);
  await cache.put("/field/language", new worker.Response(language));
}

async function page(request, url) {
  const cache = await caches.open(SHELL);
  return (await cache.match(shellOf(await chosenLanguage(url)), { ignoreVary: true })) || fetch(request);
}

async function file(request, url) {
  const cache = await caches.open(SHELL);
  return (await cache.match(url.pathname, { ignoreVary: true })) || fetch(request);
}

async function tile(event, url) {
  const cache = await caches.open(TILES);
  const kept = await cache.match(url.pathname, { ignoreVary: true });
  const fresh = fetch(event.request).then(async (response) => {
    const kind = response.headers.get("Content-Type") || "";
    if (response.status === 200 && kind.includes("vector-tile")) await keepTile(cache, url.pathname, response.clone());
    return response;
  });
  if (!kept) return fresh;
  event.waitUntil(fresh.catch(() => null));
  return kept;
}

async function keepTile(cache, address, response) {
  await cache.put(address, response);
  const keys = await cache.keys();
  for (const key of keys.slice(0, Math.max(0, keys.length - MOST_TILES))) await cache.delete(key);
}

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));

worker.addEventListener("message", ({ data }) => {
  if (data?.kind === "swap") worker.skipWaiting();
  if (data?.kind === "language" && LANGUAGES.includes(data.language)) remember(data.language);
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  if (url.origin !== worker.location.origin) return;
  if (request.mode === "navigate" && url.pathname === "/field") event.respondWith(page(request, url));
  else if (url.pathname.startsWith("/static/") || url.pathname === "/field/map.js") event.respondWith(file(request, url));
  else if (url.pathname.startsWith("/tiles/base/")) event.respondWith(tile(event, url));
});
