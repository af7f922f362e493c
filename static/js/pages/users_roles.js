// Giving a role: which, where, and for a grid member in which grid.
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { ROLES } from "../core/rights.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";

const INDENT = { county: "", township: "　", community: "　　" };

/** Where a role counts: the name of the area, or the number of a grid. */
export function placeWords({ area, area_name: name }) {
  return name || (area.length === 15 ? `${area.slice(9, 12)}-${area.slice(12)}` : area);
}

/** Areas as options of a chooser, the smaller ones set in. */
export function placeOptions(places) {
  return places.map(({ code, level, name }) => el("option", { value: code }, `${INDENT[level] || ""}${name}`));
}

/** The form that gives a person a role; `done` gets the person as they are then. */
export function grantForm(person, places, done, close) {
  const role = el("select", { id: "grant-role", class: "select" }, ROLES.map((name) => el("option", { value: name }, terms.role(name))));
  const area = el("select", { class: "select" }, placeOptions(places));
  const grid = el("select", { class: "select" });
  const gridBox = el("label", { class: "stack", hidden: true }, _("哪一格"), grid);
  const line = el("p", { class: "failed-line", role: "alert", hidden: true });

  async function grids() {
    const member = role.value === "grid_member" && area.value.length === 12;
    gridBox.hidden = !member;
    if (!member) return;
    const { items } = await get(`/api/users/places?within=${encodeURIComponent(area.value)}`);
    replace(grid, el("option", { value: "" }, _("全社区")), items.map(({ code }) => el("option", { value: code }, placeWords({ area: code }))));
  }

  role.addEventListener("change", grids);
  area.addEventListener("change", grids);
  return el("form", { class: "granting", onsubmit: async (event) => {
    event.preventDefault();
    line.hidden = true;
    try {
      const where = (!gridBox.hidden && grid.value) || area.value;
      done(await post(`/api/users/${person.id}/roles`, { role: role.value, area: where }));
    } catch (error) {
      line.textContent = _("没给成：{why}", { why: error.detail || error.message });
      line.hidden = false;
      byId("grant-role").focus();
    }
  } },
  el("label", { class: "stack" }, _("角色"), role),
  el("label", { class: "stack" }, _("在哪里"), area),
  gridBox,
  el("button", { class: "btn primary" }, _("给角色")),
  el("button", { type: "button", class: "btn", onclick: close }, _("不给了")),
  line);
}
