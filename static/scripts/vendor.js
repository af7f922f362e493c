// Copies the libraries that pages load from node_modules to static/vendor, into folders named
// after their versions: a page never runs an old copy out of a browser's cache.
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

const LIBRARIES = {
  leaflet: ["dist/leaflet.js", "dist/leaflet.css", "dist/images", "LICENSE"],
  "protomaps-leaflet": ["dist/protomaps-leaflet.js"],
  "@geoman-io/leaflet-geoman-free": ["dist/leaflet-geoman.js", "dist/leaflet-geoman.css", "LICENSE"],
  idb: ["build/index.js", "LICENSE"],
  "swagger-ui-dist": ["swagger-ui-bundle.js", "swagger-ui.css", "LICENSE"],
};

async function manifest(name) {
  const file = path.join(ROOT, "node_modules", name, "package.json");
  return JSON.parse(await readFile(file, "utf8"));
}

async function copyLibrary(name, files) {
  const { version } = await manifest(name);
  const folder = path.join(ROOT, "vendor", `${path.basename(name)}-${version}`);
  await mkdir(folder, { recursive: true });
  for (const file of files) {
    const from = path.join(ROOT, "node_modules", name, file);
    const to = path.join(folder, path.basename(file));
    await cp(from, to, { recursive: true });
    if (to.endsWith(".js")) await withoutSourceMap(to);
  }
  return folder;
}

/** A link to a map that is not served would be a failed request whenever the tools are open. */
async function withoutSourceMap(file) {
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n"));
}

await rm(path.join(ROOT, "vendor"), { recursive: true, force: true });
for (const [name, files] of Object.entries(LIBRARIES)) {
  const folder = await copyLibrary(name, files);
  process.stdout.write(`${path.relative(ROOT, folder)}\n`);
}
