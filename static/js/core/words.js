// Words of the page's language. The source language is Chinese: a missing entry shows it.

let words = {};

/** Take the catalogue of the page: source -> words. */
export function useWords(catalogue) {
  words = catalogue || {};
}

function put(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** The words for a source text, with `{name}` replaced by its value. */
export function _(source, values = {}) {
  return put(words[source] || source, values);
}

/**
 * The same for a counted thing: a translation may give "one|many" and `count` chooses.
 * `{n}` is the count unless `values` says otherwise.
 */
export function n_(source, count, values = {}) {
  const forms = (words[source] || source).split("|");
  const form = forms.length > 1 && count !== 1 ? forms[1] : forms[0];
  return put(form, { n: count, ...values });
}
