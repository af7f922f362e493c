// The steps of the head as dialogs: each says what will happen before it does.
import { n_, _ } from "../core/words.js";
import { number } from "../core/format.js";
import { ask } from "./dialog.js";
import { consequences } from "./foot.js";
import { dayOf } from "./steps.js";

/** Words for what the server refused. */
export function refusal(problem) {
  if (problem.status === 0) return _("没连上服务器。改动还在，连上再试");
  const faults = (problem.faults || []).map(({ message, detail }) => message || detail).filter(Boolean);
  return problem.detail || faults.join(_("；")) || problem.message;
}

const leave = () => ({ explain: refusal });

/** Ask for each step what it needs, then take it. `client.step` does the work. */
export function stepDialogs({ scenario, client, now }) {
  const { head } = scenario;
  const moved = head.summary?.households_moved ?? 0;
  return {
    approve: () => ask({
      title: _("审批 {name}", { name: head.name }),
      lines: [n_("{n} 户换网格。审批后不能再改，可以发布。", moved, { n: number(moved) })],
      go: _("审批"), leave: _("不审批"), run: () => client.step("approve"), ...leave(),
    }),
    publish: () => ask({
      title: _("发布 {name}", { name: head.name }),
      lines: [`${consequences(head)}。`, _("原来的网格留在历史里，按日期查得到。")],
      fields: [{
        name: "effective_from", label: _("哪天起生效"), type: "date", value: dayOf(now()), min: dayOf(now()), required: true,
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
    reopen: () => ask({
      title: _("再改 {name}", { name: head.name }),
      lines: [_("校验和审批作废，改完再走一遍。")],
      go: _("再改"), leave: _("不改"), run: () => client.step("reopen"), ...leave(),
    }),
  };
}

/** Ask for a grid's new name. */
export function renameDialog(grid, operate) {
  const { label, name } = grid.properties;
  return ask({
    title: _("给 {grid} 改名", { grid: label }),
    fields: [{ name: "name", label: _("网格名"), value: name || "", maxlength: 80, required: true }],
    go: _("改名"), leave: _("不改"), explain: refusal,
    run: ({ name: text }) => operate({ kind: "rename", grid: grid.id, name: text.trim() }, [grid.id]),
  });
}
