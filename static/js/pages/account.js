// One's own account: what has to be done first, password, sessions; factor and tokens have files of their own.
import { toast } from "./common.js";
import { get, post } from "../core/api.js";
import { byId, el } from "../core/dom.js";
import { duration, moment } from "../core/format.js";
import { Panel } from "../core/panels.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { Factor } from "./account_factor.js";
import { Tokens } from "./account_tokens.js";
import { placeWords } from "./users_roles.js";

const panels = { me: new Panel(byId("panel-me")), sessions: new Panel(byId("panel-sessions")) };
const factor = new Factor(byId("panel-factor"), load);
const tokens = new Tokens(byId("panel-tokens"));
const form = byId("password-form");

/** Limits are mostly whole hours: their minutes are not said. */
function length(seconds) {
  return seconds % 3600 || seconds >= 172800 ? duration(seconds) : n_("{n} 小时", seconds / 3600);
}

function drawMe(account) {
  const { session, password } = account;
  const roles = account.roles.map((held) => el("li", {}, el("b", {}, terms.role(held.role)), el("span", { class: "mut" }, placeWords(held))));
  panels.me.show(el("ul", { class: "facts" },
    el("li", {}, el("b", {}, account.display_name), el("span", { class: "mut num" }, account.name)),
    roles.length ? roles : el("li", { class: "mut" }, _("还没有角色。安全管理员给了才能用")),
    el("li", { class: "mut s" }, _("密码 {time} 换的", { time: moment(password.changed_at, new Date()) }),
      password.ends_at && el("span", {}, _("，到 {time} 要换", { time: moment(password.ends_at, new Date()) }))),
    el("li", { class: "mut s" }, session.idle_seconds === session.longest_seconds
      ? _("登录一次管 {time}", { time: length(session.longest_seconds) })
      : _("{idle}不用就退出，最长 {longest}", { idle: length(session.idle_seconds), longest: length(session.longest_seconds) }))));
}

function duty(must) {
  const line = byId("duty");
  line.hidden = !must;
  line.textContent = must === "password" ? _("先换成自己的密码，再做别的") : must ? _("先设好动态码，再做别的") : "";
  byId("panel-password").hidden = must === "second_factor";
  byId("panel-sessions").hidden = Boolean(must);
  byId("panel-tokens").hidden = Boolean(must);
}

function sessionRow(one) {
  const now = new Date();
  return el("li", { class: "line" },
    el("div", { class: "grow" }, el("b", {}, one.device || _("不认识的浏览器")),
      el("p", { class: "mut s" }, [
        _("{time} 登录", { time: moment(one.since, now) }),
        _("{time} 用过", { time: moment(one.seen_at, now) }),
        one.second_factor && _("用了动态码"),
      ].filter(Boolean).join(" · "))),
    one.here ? el("span", { class: "chip acc" }, _("就是这里"))
      : el("button", { type: "button", class: "btn", onclick: (event) => endOne(event.target, one) }, _("退出它")));
}

async function endOne(button, one) {
  button.disabled = true;
  try {
    await post(`/api/account/sessions/${one.id}/end`);
    toast(_("已退出：{device}", { device: one.device || _("不认识的浏览器") }));
  } catch (error) {
    toast(_("没退成：{why}", { why: error.detail || error.message }));
  }
  loadSessions();
}

async function loadSessions() {
  panels.sessions.loading(2);
  try {
    const { items } = await get("/api/account/sessions");
    panels.sessions.show(el("ul", {}, items.map(sessionRow)));
  } catch (error) {
    panels.sessions.fail(error, loadSessions);
  }
}

async function load() {
  panels.me.loading(2);
  try {
    const account = await get("/api/account");
    drawMe(account);
    duty(account.must);
    factor.show(account.second_factor, account.must);
    if (account.must) return;
    loadSessions();
    tokens.load();
  } catch (error) {
    panels.me.fail(error, load);
  }
}

function whyNot(error) {
  const place = error.faults?.[0]?.place;
  if (place === "current") return _("现在的密码不对");
  if (place === "new") return _("新密码要 10 个字以上，不含用户名，也不和现在的一样");
  return error.detail || error.message;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const [line, button] = [form.querySelector(".failed-line"), form.querySelector("button")];
  line.hidden = true;
  button.disabled = true;
  try {
    await post("/api/account/password", { current: byId("current").value, new: byId("new").value });
    form.reset();
    toast(_("密码换了，别处都退出了"));
    await load();
    if (!byId("duty").hidden) byId("panel-factor").scrollIntoView();
  } catch (error) {
    line.textContent = _("没换成：{why}", { why: whyNot(error) });
    line.hidden = false;
  }
  button.disabled = false;
});

byId("show-password").addEventListener("change", ({ target }) => {
  for (const id of ["current", "new"]) byId(id).type = target.checked ? "text" : "password";
});

byId("end-all").addEventListener("click", async () => {
  try {
    await post("/api/account/sessions/end");
    location.assign("/");
  } catch (error) {
    toast(_("没退成：{why}", { why: error.detail || error.message }));
  }
});

load();
