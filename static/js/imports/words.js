// What repairing imported grids changes, and what may be done about it, in words.
import { number } from "../core/format.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";

const KINDS = {
  invalid: "边界有错，已修", outside: "伸出导入范围", crossing: "伸进别的社区", overlap: "网格重叠",
  gap: "没有网格的地", hole: "网格中间的洞", sliver: "窄条", multipart: "网格分成几块",
  empty: "网格没剩下地", kind: "不是综合网格", use: "专属类别不认识", bare: "社区还没有综合网格", code: "网格编码", ended: "现行网格停用",
  name: "名称过长", snap: "折点贴合", node: "共用边补折点", rounding: "一厘米以内的取整",
  member: "网格员不随文件导入",
};
const REASONS = {
  missing: "文件里没有编码", wrong: "不是 15 位编码", foreign: "编码是别的社区的",
  twice: "两格同一个编码", not_in_force: "不是现行编码",
};
const REFUSED = {
  outside: "边界出了社区", overlap: "和另一个专属网格重叠", crosses_itself: "边界和自己交叉",
  empty: "边界里没有地方", sliver: "边界只是一条窄带",
};
const FIELDS = { code: "网格编码", name: "网格名称", kind: "网格类型", use: "专属类别", member: "网格员" };

/** Kinds in the order of the list: what needs a person first. */
export const ORDER = Object.keys(KINDS);

export const kindWords = (kind) => _(KINDS[kind] || kind);
export const fieldWords = (field) => _(FIELDS[field] || field);

const codeLabel = (code) => `${code.slice(9, 12)}-${code.slice(12)}`;

/** The name of a grid: of the file, in force, or made by a decision. */
export function nameOf(grid, labels) {
  if (grid in labels) return labels[grid];
  return /^[0-9]{15}$/.test(grid) ? codeLabel(grid) : _("新格");
}

/** Which grids it is about. */
export function whose(change, labels) {
  if (change.kind === "ended") return codeLabel(change.figures.code);
  return terms.listed(change.grids.map((grid) => nameOf(grid, labels)));
}

/** What the file calls a grid of another kind, and what keeps it from lying there. */
function kindSizes({ word, refused, trimmed_m2: cut }) {
  return [word, refused && _(REFUSED[refused] || "盖不上去"), cut && _("裁掉出界的 {n} 平方米", { n: number(Math.round(cut)) })];
}

/** How much it is: ground, households, vertices, the reason. */
export function sizeWords({ kind, area_m2: area, figures }) {
  const words = [];
  if (area >= 0.5) words.push(_("{n} 平方米", { n: number(Math.round(area)) }));
  if (figures.households) words.push(n_("{n} 户", figures.households, { n: number(figures.households) }));
  if (figures.share_of_smallest >= 0.01) words.push(_("占小的一格 {n}%", { n: Math.round(figures.share_of_smallest * 100) }));
  if (figures.vertices) words.push(n_("{n} 个折点", figures.vertices, { n: number(figures.vertices) }));
  if (figures.metres) words.push(_("最多移 {n} 米", { n: figures.metres }));
  if (figures.rows) words.push(n_("{n} 格写了网格员", figures.rows, { n: number(figures.rows) }));
  if (kind === "code") words.push(_(REASONS[figures.reason] || figures.reason), figures.code);
  if (kind === "kind") words.push(...kindSizes(figures));
  if (kind === "use") words.push(figures.word, _("第 {n} 行", { n: figures.row }));
  return words.filter(Boolean).join(" · ");
}

const PLAIN = {
  cut: "裁掉", repair: "修好", drop: "不要这格", snap: "贴合", end: "不再用", take: "照此",
  fill: "整个社区先作一格，要先分好再发布", none: "不写类别",
};

// What a choice does where that depends on the kind of change.
const OWN = {
  kind: (choice, { means }) => choice === "take" && (means === "special" ? _("按专属网格导入") : _("按综合网格导入")),
  use: (choice) => !["none", "leave"].includes(choice) && terms.specialUse(choice),
};

/** What a choice does. */
export function choiceWords({ kind, figures, choice: now }, labels, choice = now) {
  const own = OWN[kind]?.(choice, figures);
  if (own) return own;
  if (choice === "new") return kind === "code" ? _("发布时给新号") : _("单独成格");
  if (choice === "leave") return kind === "snap" ? _("不动") : _("不导入");
  if (choice in PLAIN) return _(PLAIN[choice]);
  const name = nameOf(choice, labels);
  return kind === "code" ? _("沿用 {grid}", { grid: name }) : _("归 {grid}", { grid: name });
}
