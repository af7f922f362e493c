// Who is where: by name and with a purpose; every search is recorded, and the page says so.
import { post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { moment } from "../core/format.js";
import { page } from "../core/page.js";
import { emptyLine } from "../core/panels.js";
import { _, n_ } from "../core/words.js";
import { stateWords } from "../roll_call/moves.js";
import { label } from "./grids.js";

/** Where a household is, in words; of children an officer tells. */
export function whereabouts(item) {
  if (item.ask_officer) return _("家里有孩子，由值班员当面说");
  if (item.home) return _("已回家");
  if (item.place === "relatives") return _("在亲友家");
  return item.shelter ? _("在 {name}", { name: item.shelter }) : stateWords(item);
}

function row(item, now) {
  return el("li", { class: "un" },
    el("span", {}, el("b", {}, item.name || _("没有名字")), " ", item.people && el("span", { class: "mut num" }, n_("{n} 人", item.people)), " ", el("b", {}, whereabouts(item))),
    el("span", { class: "s mut" }, [label(item.grid), item.address, item.state_at && moment(item.state_at, now),
      item.masked && _("没有看全名的权限")].filter(Boolean).join(" · ")));
}

/** The form stands still; only what was found is drawn. */
export function openSearch(now, fail) {
  const form = document.getElementById("search-form");
  if (!form) return;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = { name: byId("search-name").value.trim(), purpose: byId("search-purpose").value };
    try {
      const { items } = await post(`/api/plans/${encodeURIComponent(page.plan)}/search`, body);
      replace(byId("search-found"), items.length ? el("ul", {}, items.map((item) => row(item, now())))
        : emptyLine(_("这份预案里没有叫这个名字的户主")));
    } catch (error) {
      fail(error);
    }
  });
}
