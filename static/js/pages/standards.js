// Coverage standards: what each says, the versions before and after, and who may make another.
import "./common.js";
import { open as openForm, retire } from "./standards_form.js";
import { differences, facts, sentence, state, versionWords } from "./standards_words.js";
import { get } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { may } from "../core/page.js";
import { emptyLine, errorLine, Panel } from "../core/panels.js";
import { _ } from "../core/words.js";

const data = JSON.parse(byId("standards-data").textContent);
const mine = new Set(data.places.map((one) => one.code));
const panel = new Panel(byId("panel-standards"));
const place = byId("form-place");
const changes = may("coverage.edit");

const close = () => replace(place);
function show(node) {
  replace(place, node);
  place.scrollIntoView({ block: "start" });
  node.querySelector("select:not(:disabled), input:not([readonly])")?.focus();
}
const done = () => {
  close();
  load();
};

function factList(pairs) {
  return el("dl", { class: "said" }, pairs.map(([head, words]) => el("div", {}, el("dt", {}, head), el("dd", {}, words))));
}

function versionRow(one, before) {
  const changed = before ? differences(before, one) : [];
  const made = [one.person || _("随产品来的"), one.created_at.slice(0, 10)].join(" ");
  return el("li", { class: one.state },
    el("p", {}, el("b", {}, versionWords(one)), " ", el("span", { class: "chip" }, state(one.state))),
    el("p", { class: "mut s" }, made),
    one.retired ? el("p", {}, _("从这天起停用"))
      : changed.length ? el("ul", {}, changed.map(({ head, was, words }) => el("li", {}, `${head}${_("：")}${was} → ${words}`)))
        : el("p", {}, before ? _("内容没变") : sentence(one)));
}

/** The versions of a standard, read when they are asked for. */
function history(one) {
  const box = el("div", { class: "versions" });
  const read = async () => {
    try {
      const found = await get(`/api/coverage/standards/${one.key}/history?area=${one.area}`);
      replace(box, el("ol", { reversed: true }, found.map((each, at) => versionRow(each, found[at + 1]))));
    } catch (error) {
      replace(box, errorLine(error, read));
    }
  };
  return el("details", { ontoggle: (event) => event.target.open && !box.childElementCount && read() },
    el("summary", {}, _("历次版本")), box);
}

function waiting({ next }) {
  if (!next) return null;
  const words = next.retired ? _("{day} 起停用", { day: next.valid_from }) : _("第 {n} 版从 {day} 起", { n: next.version, day: next.valid_from });
  return el("p", { class: "next" }, words);
}

function buttons(one) {
  if (!changes || !mine.has(one.area)) return null;
  const form = (make) => async () => {
    // what waits is edited, not what it replaces
    const [last] = await get(`/api/coverage/standards/${one.key}/history?area=${one.area}`);
    show(make(last, data, done, close));
  };
  return el("div", { class: "row" },
    el("button", { type: "button", class: "btn", "aria-describedby": `name-${one.area}-${one.key}`, onclick: form(openForm) }, _("改")),
    !one.next?.retired && el("button", { type: "button", class: "btn", "aria-describedby": `name-${one.area}-${one.key}`, onclick: form(retire) }, _("停用")));
}

function card(one) {
  return el("article", { class: "standard" },
    el("header", {},
      el("h2", { id: `name-${one.area}-${one.key}` }, one.name),
      el("p", { class: "mut s" }, [one.area_name || one.area, versionWords(one)].join(" · "))),
    el("p", { class: "sentence" }, sentence(one)), waiting(one), factList(facts(one)), buttons(one), history(one));
}

async function load() {
  panel.loading(6);
  try {
    const found = await get("/api/coverage/standards");
    panel.show(found.length ? el("div", { class: "standards" }, found.map(card)) : emptyLine(_("还没有标准")));
  } catch (error) {
    panel.fail(error, load);
  }
}

document.getElementById("add")?.addEventListener("click", () => show(openForm(null, data, done, close)));
load();
