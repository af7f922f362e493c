// What the server refuses, said in the language of the page, at the place that it names.
import { clock } from "../core/format.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";

const NEAR = /near (-?\d+\.\d+), (-?\d+\.\d+)/;

// What the geometry answers, and the words for it; what is not listed is shown as it came.
const WORDS = [
  [/line leaves the two grids/, "线出了这两个网格"],
  [/touches the outside of the two grids/, "线碰到了两格的外边界"],
  [/line crosses itself/, "线和自己交叉"],
  [/cross or touch itself/, "边会和自己交叉"],
  [/line ends inside the grid/, "线停在网格里，要画到边上"],
  [/line does not cross the grid|line misses grid|does not part the grid/, "线没有穿过网格"],
  [/leaves the grid and comes back/, "线出去又回来，一次只拆成两格"],
  [/begins and ends at one point/, "线的两头在同一点"],
  [/from the end of the border/, "线的两头要接在原来的端点上"],
  [/would be empty/, "网格会空，改用合并"],
  [/would fall into pieces/, "网格会断成几块"],
  [/do not share a border/, "网格没有挨在一起"],
  [/blocks do not touch/, "街块没有挨着接收的网格"],
  [/belong to grid \S+ already/, "街块已经在这个网格里"],
  [/different communities|another community/, "不在同一个社区"],
  [/strip only/, "会留下一条太窄的带子"],
  [/hang together by less/, "网格只靠一条窄缝连着"],
  [/too few for/, "户太少，分不成这么多份"],
  [/without cutting buildings/, "均分会切到楼，换个份数或画线拆"],
  [/border is that of the community/, "社区的外边界不能在这里移"],
  [/vertices;/, "线的点太多，少画些点"],
  [/outside border would change/, "外边界会跟着变，换个份数或画线拆"],
  [/outside the area|outside of/, "线在范围之外"],
  [/outline crosses itself/, "边界和自己交叉"],
  [/outline leaves its community/, "边界出了社区"],
  [/outline lies outside of the area/, "边界在方案范围之外"],
  [/outline lies in another community/, "边界到了另一个社区，删掉重画"],
  [/outline overlaps special grid|covers the ground already/, "和另一个专属网格重叠"],
  [/outline has no ground/, "边界里没有地方"],
  [/outline is a strip only/, "边界只是一条窄带"],
  [/is a special grid: move its outline/, "这是专属网格，用专属网格工具改"],
  [/there is no (grid|border|block)/, "图上的已经过时，正在重取"],
  [/a day from (?<from>\S+) to (?<to>\S+) is needed/, "要选 {from} 到 {to} 之间的日子"],
  [/there is nothing to (undo|redo)/, "没有可以撤销或重做的"],
  [/somebody has changed|is at version/, "别人刚改过这里，已经重取；画的还在，看过再送"],
];

/** Words for a sentence of the geometry; null when there are none. */
export function wordsFor(sentence) {
  const found = WORDS.find(([pattern]) => pattern.test(sentence));
  return found ? _(found[1], found[0].exec(sentence).groups || {}) : null;
}

function sentences(problem) {
  const faults = (problem.faults || []).map(({ message, detail, what }) => message || detail || what).filter(Boolean);
  return faults.length ? faults : [problem.detail || problem.message || ""];
}

/** Who has what in hand, and until when. */
function lockedWords(locked) {
  const grids = terms.listed(locked.map(({ label }) => label));
  const until = clock(locked.map((one) => one.until).sort().at(-1));
  const who = [...new Set(locked.map(({ by }) => by.name))].join(_("、"));
  return _("{who}正在改 {grid}，{time} 放开，你画的还在", { who, grid: grids, time: until });
}

/** What the server refused, for people. */
export function refusal(problem) {
  if (problem.status === 0) return _("没连上服务器。改动还在，连上再试");
  if (problem.more?.locked?.length) return lockedWords(problem.more.locked);
  if (problem.more?.by?.length) {
    const who = [...new Set(problem.more.by.map(({ by }) => by.name))].join(_("、"));
    return _("{who}刚改过这里，已经重取；画的还在，看过再送", { who });
  }
  const own = sentences(problem).map(wordsFor).filter(Boolean);
  if (own.length) return [...new Set(own)].join(_("；"));
  return problem.detail || problem.message;
}

/** The place that a refusal names, as longitude and latitude; null when it names none. */
export function placeOf(problem) {
  if (problem.more?.point) return problem.more.point;
  const found = [problem.detail || "", ...sentences(problem)].map((words) => NEAR.exec(words)).find(Boolean);
  return found ? [Number(found[1]), Number(found[2])] : null;
}

/** Say something at its place on the map. */
export function showAt(map, words, [lon, lat]) {
  const content = document.createElement("p");
  content.textContent = words;
  content.setAttribute("role", "alert");
  L.popup({ className: "refusal", autoClose: true, closeButton: false, maxWidth: 320 })
    .setLatLng([lat, lon]).setContent(content).openOn(map);
}
