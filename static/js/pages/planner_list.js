// Scenarios: all of one's areas, and the form that opens a new one.
import "./common.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { moment, number } from "../core/format.js";
import { Live } from "../core/live.js";
import { may } from "../core/page.js";
import { emptyLine, Panel } from "../core/panels.js";
import { _ } from "../core/words.js";
import { refusal } from "../planner/refusals.js";
import { stateWords } from "../planner/way.js";

const URL_ = "/api/scenarios";
const LEVELS = ["community", "township", "county"];
const panel = new Panel(byId("panel-scenarios"));
const live = new Live([panel]);
live.fresh(panel);
const { feed } = live;

function row(scenario) {
  const changes = Array.isArray(scenario.operations) ? scenario.operations.length : scenario.operations ?? 0;
  return el("tr", {},
    el("th", { scope: "row" }, el("a", { class: "open-link", href: `/planner/${encodeURIComponent(scenario.id)}` }, scenario.name)),
    el("td", {}, scenario.area_name || scenario.area),
    el("td", {}, el("span", { class: "chip" }, stateWords(scenario.state)),
      scenario.effective_from && el("span", { class: "mut s" }, " ", _("{day} 起生效", { day: scenario.effective_from }))),
    el("td", { class: "n num" }, number(scenario.grids)),
    el("td", { class: "n num" }, number(changes)),
    el("td", {}, scenario.created_by?.name || "–"),
    el("td", { class: "nw num" }, moment(scenario.created_at, feed.serverNow())));
}

function draw(items) {
  if (!items.length) {
    panel.show(emptyLine(_("还没有方案。在上面选范围，起个名，打开一个")));
    return;
  }
  const heads = [[_("方案")], [_("范围")], [_("状态")], [_("网格"), "n"], [_("改动"), "n"], [_("谁打开")], [_("打开于")]];
  panel.show(el("table", { class: "list" },
    el("caption", { class: "sr" }, _("方案")),
    el("thead", {}, el("tr", {}, heads.map(([words, name]) => el("th", { scope: "col", class: name || "" }, words)))),
    el("tbody", {}, items.map(row))));
}

async function load() {
  panel.loading(4);
  try {
    draw((await get(URL_)).items);
  } catch (error) {
    panel.fail(error, load);
  }
}

const listed = async (level) => (await get(`/api/areas?level=${level}`)).features.map(({ properties }) => properties);
const option = ({ code, name }) => el("option", { value: code }, `${name} · ${code}`);

async function areas() {
  const choice = byId("area");
  try {
    const [communities, townships, counties] = await Promise.all(LEVELS.map(listed));
    const group = (label, found) => found.length > 0 && el("optgroup", { label }, found.map(option));
    // a planner's day is about a township, and its communities are looked for under its name
    replace(choice,
      group(_("乡镇街道"), townships),
      townships.map((one) => group(one.name, communities.filter(({ code }) => code.startsWith(one.code)))),
      group(_("社区"), communities.filter(({ code }) => !townships.some((one) => code.startsWith(one.code)))),
      group(_("区县"), counties));
  } catch (error) {
    byId("open-note").textContent = refusal(error);
  }
}

byId("open").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("button");
  const note = byId("open-note");
  button.disabled = true;
  note.textContent = _("正在抄现行网格");
  try {
    const { id } = await post(URL_, { area: form.area.value, name: form.elements.name.value.trim() });
    location.assign(`/planner/${encodeURIComponent(id)}`);
  } catch (error) {
    note.textContent = refusal(error);
    button.disabled = false;
  }
});

byId("open").hidden = !may("grid.draw");
feed.addEventListener("ready", load);
feed.addEventListener("resumed", load);
feed.addEventListener("change", ({ detail }) => {
  if (detail.subject === "scenario" || detail.subject === "grids") load();
});
areas();
live.start();
