// Joins the tablet's modules into a few files, and its styles into one: over a slow network every
// file costs a round trip. The page takes them only while they are made of the very sources that
// lie here (gridmap/web/field_files.py looks), so that nobody runs an old copy.
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const OUT = process.argv[2] || "vendor/field"; // A test lets it write elsewhere.
const ENTRY = "js/field/page.js";
const STYLES = ["css/tokens.css", "css/look.css", "css/map.css", "css/field.css", "css/pages.css"]; // As the page has them.

const common = {
  absWorkingDir: ROOT, bundle: true, minify: true, metafile: true, charset: "utf8", write: false,
  outdir: OUT, logLevel: "warning", entryNames: "[name]-[hash]", chunkNames: "[name]-[hash]",
};
const scripts = await build({
  ...common, entryPoints: [ENTRY], format: "esm", splitting: true, target: "es2022",
});
const styles = await build({
  ...common, entryNames: "field-[hash]",
  stdin: {
    contents: STYLES.map((name) => `@import "./${name}";`).join("\n"),
    resolveDir: ROOT, sourcefile: "field.css", loader: "css",
  },
});

const digest = async (name) => createHash("sha256").update(await readFile(path.join(ROOT, name))).digest("hex");
const { outputs } = scripts.metafile;
const [entry, made] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === ENTRY);
const [style] = Object.keys(styles.metafile.outputs);
const sources = [...Object.keys(scripts.metafile.inputs), ...STYLES].sort();
const manifest = {
  entry,
  style,
  // What the entry cannot begin without: asked for together with it, not after it.
  needs: made.imports.filter(({ kind }) => kind === "import-statement").map(({ path: name }) => name),
  scripts: Object.keys(outputs).sort(),
  sources: Object.fromEntries(await Promise.all(sources.map(async (name) => [name, await digest(name)]))),
};

await rm(path.resolve(ROOT, OUT), { recursive: true, force: true });
await mkdir(path.resolve(ROOT, OUT), { recursive: true });
for (const { path: file, contents } of [...scripts.outputFiles, ...styles.outputFiles]) await writeFile(file, contents);
await writeFile(path.resolve(ROOT, OUT, "bundle.json"), `${JSON.stringify(manifest, null, 1)}\n`);
process.stdout.write(`${OUT}\n`);
