// Accounts of others: the system administrator makes them, the security administrator gives roles.
import { toast } from "./common.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { moment } from "../core/format.js";
import { may, me } from "../core/page.js";
import { emptyLine, Panel } from "../core/panels.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { grantForm, placeOptions, placeWords } from "./users_roles.js";
import { loadTeams, teamPart } from "./users_team.js";

const panel = new Panel(byId("panel-users"));
const state = { items: [], next: null, places: [], granting: null };

function act(words, work) {
  return el("button", { type: "button", class: "btn", onclick: ({ target }) => run(target, work) }, words);
}

async function run(button, work) {
  button.disabled = true;
  try {
    await work();
  } catch (error) {
    toast(_("没做成：{why}", { why: error.detail || error.message }));
    button.disabled = false;
  }
}

function showSecret(name, password, words, advice = _("当面给 {name}，只显示这一次，登录后马上要换。", { name })) {
  const box = byId("secret");
  box.hidden = false;
  replace(box, el("p", {}, el("b", {}, words), " ", advice),
    el("output", {}, password),
    el("div", {}, el("button", { type: "button", class: "btn primary", onclick: () => { box.hidden = true; replace(box); } }, _("给过了"))));
  box.scrollIntoView({ block: "center" });
}

function put(person) {
  state.items = state.items.map((one) => (one.id === person.id ? person : one));
  draw();
}

function roleChip(person, held) {
  const words = el("span", {}, el("b", {}, terms.role(held.role)), " ", el("span", { class: "mut" }, placeWords(held)));
  if (!person.can.includes("withdraw")) return el("span", { class: "chip line" }, words);
  const body = { role: held.role, area: held.area };
  return el("span", { class: "role-chip" }, words, act(_("收回"), async () => {
    await post(`/api/users/${person.id}/roles/withdraw`, body);
    toast(_("收回了 {name} 的 {role}，已让其退出", { name: person.display_name, role: terms.role(held.role) }));
    put(await get(`/api/users/${person.id}`));
  }));
}

const ACTS = {
  disable: (person) => act(_("停用"), async () => {
    put(await post(`/api/users/${person.id}/disable`));
    toast(_("停用了 {name}，已让其退出", { name: person.display_name }));
  }),
  enable: (person) => act(_("启用"), async () => {
    put(await post(`/api/users/${person.id}/enable`));
    toast(_("启用了 {name}", { name: person.display_name }));
  }),
  password: (person) => act(_("给一次性密码"), async () => {
    const made = await post(`/api/users/${person.id}/password`);
    const words = made.release_needed ? _("新的一次性密码，还要安全管理员给放行码：") : _("新的一次性密码");
    showSecret(person.display_name, made.one_time_password, words);
    put(await get(`/api/users/${person.id}`));
  }),
  release: (person) => act(_("给放行码"), async () => {
    const { release_code: code } = await post(`/api/users/${person.id}/release`);
    showSecret(person.display_name, code, _("放行码，7 天内登录有效："), _("当面给 {name}，只显示这一次，和一次性密码一起用。", { name: person.display_name }));
    put(await get(`/api/users/${person.id}`));
  }),
  grant: (person) => act(_("给角色"), async () => {
    state.granting = state.granting === person.id ? null : person.id;
    draw();
    document.getElementById("grant-role")?.focus();
  }),
  second_factor: (person) => act(_("重置动态码"), async () => {
    await post(`/api/users/${person.id}/second-factor/reset`);
    toast(_("{name} 下次登录要重设动态码", { name: person.display_name }));
    put(await get(`/api/users/${person.id}`));
  }),
};

function facts(person) {
  return [
    !person.active && _("停用"),
    person.name === me.name && _("本人，由别人来改"),
    person.must_change_password && _("还没换一次性密码"),
    person.release === "needed" && _("等安全管理员给放行码"),
    person.release === "given" && _("放行码给了，还没登录"),
    person.second_factor && _("有动态码"),
    person.seen_at ? _("{time} 用过", { time: moment(person.seen_at, new Date()) }) : _("没登录过"),
    person.area_name || person.area,
  ].filter(Boolean).join(" · ");
}

function row(person) {
  return el("li", { class: person.active ? "person" : "person off", "data-id": person.id },
    el("div", {}, el("b", {}, person.display_name), " ", el("span", { class: "mut num" }, person.name),
      el("p", { class: "mut s" }, facts(person))),
    el("div", { class: "held" }, person.roles.length
      ? person.roles.map((held) => roleChip(person, held))
      : el("span", { class: "mut s" }, _("没有角色")), teamPart(person)),
    el("div", { class: "acts" }, person.can.filter((name) => ACTS[name]).map((name) => ACTS[name](person))),
    state.granting === person.id && grantForm(person, state.places, (changed) => {
      state.granting = null;
      put(changed);
    }, () => {
      state.granting = null;
      draw();
    }));
}

function draw() {
  if (!state.items.length) {
    panel.show(emptyLine(_("没有找到。换个字再找")));
    return;
  }
  panel.show(el("ul", {}, state.items.map(row)),
    state.next && el("p", { class: "line" }, el("button", { type: "button", class: "btn", onclick: () => load(state.next) }, _("再看一些"))));
}

async function load(cursor = "") {
  panel.loading(5);
  const query = new URLSearchParams({ limit: 100, ...(byId("q").value && { q: byId("q").value }), ...(cursor && { cursor }) });
  try {
    if (may("user.manage")) await loadTeams();
    const { items, next } = await get(`/api/users?${query}`);
    state.items = cursor ? [...state.items, ...items] : items;
    state.next = next;
    draw();
  } catch (error) {
    panel.fail(error, () => load(cursor));
  }
}

function newUser() {
  const form = document.getElementById("new-user");
  if (!form) return;
  replace(byId("area"), placeOptions(state.places));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const line = form.querySelector(".failed-line");
    line.hidden = true;
    try {
      const made = await post("/api/users", {
        name: byId("name").value.trim(), display_name: byId("display-name").value.trim(),
        area: byId("area").value, language: byId("language").value,
      });
      showSecret(made.display_name, made.one_time_password, _("账号开好了，一次性密码："));
      form.reset();
      load();
    } catch (error) {
      line.textContent = _("没开成：{why}", { why: error.detail || error.message });
      line.hidden = false;
    }
  });
}

byId("find").addEventListener("submit", (event) => {
  event.preventDefault();
  load();
});
load();
get("/api/users/places").then(({ items }) => {
  state.places = items;
  newUser();
}).catch((error) => toast(_("没取到数据：{title}。", { title: error.message })));
