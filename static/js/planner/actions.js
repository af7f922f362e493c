// The steps of the head as dialogs: each says what will happen before it does.
import { n_, _ } from "../core/words.js";
import { number } from "../core/format.js";
import { ask } from "./dialog.js";
import { consequences } from "./foot.js";
import { incidentsMoved } from "./moves.js";
import { refusal } from "./refusals.js";
import { SPECIAL_USES, specialUse } from "../core/terms.js";
import { dayOf } from "./steps.js";

const leave = () => ({ explain: refusal });

async function incidents(client, scenario) {
  try {
    return incidentsMoved((await client.openIncidents()).features, scenario.grids);
  } catch {
    return null; // The dialog then says what it knows.
  }
}

/** Ask for each step what it needs, then take it. `client.step` does the work. */
export function stepDialogs({ scenario, client, now, zone }) {
  const { head } = scenario;
  const today = dayOf(now(), zone);
  const moved = head.summary?.households_moved ?? 0;
  return {
    approve: () => ask({
      title: _("审批 {name}", { name: head.name }),
      lines: [n_("{n} 户换网格。审批后不能再改，可以发布。", moved, { n: number(moved) })],
      go: _("审批"), leave: _("不审批"), run: () => client.step("approve"), ...leave(),
    }),
    publish: async () => ask({
      title: _("发布 {name}", { name: head.name }),
      lines: [`${consequences(head, await incidents(client, scenario))}。`, _("原来的网格留在历史里，按日期查得到。")],
      fields: [{
        name: "effective_from", label: _("哪天起生效"), type: "date", value: today, min: today, required: true,
      }],
      go: _("发布"), leave: _("不发布"),
      run: ({ effective_from: day }) => client.step("publish", { effective_from: day }), ...leave(),
    }),
    withdraw: () => ask({
      title: _("撤回 {name} 的发布", { name: head.name }),
      lines: [_("{day} 不再换版，现行网格不变。", { day: head.effective_from || "" })],
      go: _("撤回发布"), leave: _("不撤回"), run: () => client.step("withdraw"), ...leave(),
    }),
    discard: () => ask({
      title: _("放弃 {name}", { name: head.name }),
      lines: [_("方案不再能改，也不能发布。现行网格不变。")],
      go: _("放弃"), leave: _("不放弃"), run: () => client.step("discard"), ...leave(),
    }),
    rebase: () => ask({
      title: _("{name} 对齐现行网格", { name: head.name }),
      lines: [_("没改过的网格换成现行的；两边都改过的留着，列进问题。")],
      go: _("对齐"), leave: _("不对齐"), run: () => client.step("rebase"), ...leave(),
    }),
    reopen: () => ask({
      title: _("再改 {name}", { name: head.name }),
      lines: [_("校验和审批作废，改完再走一遍。")],
      go: _("再改"), leave: _("不改"), run: () => client.step("reopen"), ...leave(),
    }),
  };
}

const TODAYS = "0"; // Nobody is chosen: whoever does it today goes on.

/** What a special grid is, as a field of a dialog. */
export function useField(value) {
  return {
    name: "special_use", label: _("是什么"), value,
    options: [...(value ? [] : [["", "–"]]), ...SPECIAL_USES.map((use) => [use, specialUse(use)])],
  };
}

function titleOf({ kind, label, name }, members) {
  if (kind === "special") return _("专属网格 {name}", { name: name || label });
  return members ? _("{grid} 的名字和网格员", { grid: label }) : _("给 {grid} 改名", { grid: label });
}

/** Ask for a grid's name and member, and what a special one is; what differs is sent. */
export async function gridDialog(desk, key) {
  const { properties: p, id } = desk.scenario.grid(key);
  const members = await desk.client.members().catch(() => null); // Without the list the rest can still be changed.
  const now = p.member && members?.some((one) => one.id === p.member.id) ? String(p.member.id) : TODAYS;
  return ask({
    title: titleOf(p, members),
    fields: [
      { name: "name", label: _("网格名"), value: p.name || "", maxlength: 80, required: true },
      p.kind === "special" && useField(p.special_use || ""),
      members && {
        name: "member", label: _("网格员"), value: now,
        options: [[TODAYS, _("照现在的安排")], ...members.map((member) => [String(member.id), member.name])],
      },
    ].filter(Boolean),
    go: p.kind === "special" ? _("改好") : _("改名"), leave: _("不改"), explain: refusal, grave: false,
    run: async ({ name, member, special_use: use }) => {
      const operate = (operation) => desk.operate({ ...operation, grid: id }, [key]);
      const what = use && use !== p.special_use ? { special_use: use } : {};
      if (name.trim() !== (p.name || "") || what.special_use) await operate({ kind: "rename", name: name.trim(), ...what });
      if (member !== undefined && member !== now) await operate({ kind: "appoint", member: Number(member) });
    },
  });
}
