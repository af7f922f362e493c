// What the server calls services, those who offer them, and what stands in the way.
import { byId } from "../core/dom.js";
import { _ } from "../core/words.js";

const known = JSON.parse(byId("care-words").textContent);

export const SERVICES = Object.entries(known.services).map(([name, label]) => ({ name, label }));
export const PROVIDERS = Object.entries(known.providers).map(([name, label]) => ({ name, label }));

const from = (words) => (name) => words[name] || name;
export const service = from(known.services);
export const provider = from(known.providers);
export const unmet = from(known.unmet);
export const unused = from(known.unused);
export const source = from(known.sources);
export const list = (names, word) => names.map(word).join(_("、"));

export const LEVELS = { grid: 15, community: 12, township: 9 };
export const LEVEL_WORDS = { grid: "按网格", community: "按社区", township: "按街镇" };

/** The name of a row: a grid's number, an area's name, or what lies in no grid. */
export const rowName = (row) => row.label || _("没落进网格");
