import js from "@eslint/js";

const BROWSER = [
  "window", "document", "location", "navigator", "history", "fetch", "EventSource", "URL",
  "URLSearchParams", "AbortController", "FormData", "Headers", "performance", "setTimeout",
  "clearTimeout", "setInterval", "clearInterval", "requestAnimationFrame", "getComputedStyle",
  "matchMedia", "localStorage", "sessionStorage", "Path2D", "Intl", "CustomEvent", "Event",
  "EventTarget", "HTMLElement", "MutationObserver", "CSS", "globalThis", "ResizeObserver", "crypto", "console",
];
const NODE = ["globalThis", "process", "console", "URL", "setTimeout", "clearTimeout", "performance"];

const readonly = (names) => Object.fromEntries(names.map((name) => [name, "readonly"]));

const rules = {
  ...js.configs.recommended.rules,
  "no-var": "error",
  "prefer-const": "error",
  eqeqeq: "error",
  curly: ["error", "multi-line"],
  complexity: ["error", 12],
  "max-lines": ["error", 320],
  "no-restricted-properties": [
    "error",
    ...["innerHTML", "outerHTML"].map((property) => ({
      property,
      message: "Text from people is never HTML: use textContent.",
    })),
    { property: "insertAdjacentHTML", message: "Text from people is never HTML." },
  ],
};

export default [
  { ignores: ["vendor/**", "node_modules/**"] },
  {
    files: ["js/**/*.js"],
    languageOptions: {
      sourceType: "module",
      globals: { ...readonly(BROWSER), L: "readonly", protomapsL: "readonly", layer_control_live: "readonly" },
    },
    rules,
  },
  {
    files: ["scripts/**/*.js", "*.js"],
    languageOptions: { sourceType: "module", globals: readonly(NODE) },
    rules,
  },
];
