// Which team an account works for: a unit handles what is with its own team.
import { get, post } from "../core/api.js";
import { el } from "../core/dom.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { unitWord } from "../map/layers/places.js";
import { toast } from "./common.js";

const teams = { items: [], of: {} };

/** Fetch the teams and who is in which. */
export async function loadTeams() {
  Object.assign(teams, await get("/api/users/teams"));
}

const nameOf = (id) => teams.items.find((one) => one.id === id)?.name;

function options(chosen) {
  const kinds = [...new Set(teams.items.map(({ kind }) => kind))];
  return [
    el("option", { value: "", selected: !chosen }, _("不归队")),
    kinds.map((kind) => el("optgroup", { label: unitWord(kind) }, teams.items
      .filter((one) => one.kind === kind)
      .map(({ id, name }) => el("option", { value: id, selected: id === chosen }, name)))),
  ];
}

/** The chooser of a person's team, for those who hold the role of a unit; null for others. */
export function teamPart(person) {
  if (!teams.items.length || !person.roles.some(({ role }) => role === "unit")) return null;
  const chosen = teams.of[person.id] ?? null;
  const select = el("select", { class: "select", "aria-label": _("{name} 的队伍", { name: person.display_name }) },
    options(chosen));
  const note = el("span", { class: "mut s", hidden: chosen !== null }, _("没有归队，派给队伍的事件处置不了"));
  select.addEventListener("change", async () => {
    const team = select.value ? Number(select.value) : null;
    select.disabled = true;
    try {
      await post(`/api/users/${encodeURIComponent(person.id)}/team`, { team });
      teams.of[person.id] = team;
      toast(team === null ? _("{name} 不再归队", { name: person.display_name })
        : _("{name} 归到 {team}", { name: person.display_name, team: nameOf(team) }));
    } catch (error) {
      select.value = teams.of[person.id] ?? "";
      toast(_("没做成：{why}", { why: error.detail || error.message }));
    }
    note.hidden = select.value !== "";
    select.disabled = false;
    select.focus();
  });
  return el("p", { class: "team-part" },
    el("span", { class: "mut s" }, terms.role("unit"), " · ", _("队伍")), select, note);
}
