// The name of a community that a draft makes of others.
import { _ } from "../core/words.js";
import { ask } from "./dialog.js";
import { refusal } from "./refusals.js";

/** Ask what a community is to be called; another name is one operation. */
export function communityDialog(desk, { code, name }) {
  return ask({
    title: _("给社区 {name} 改名", { name }),
    lines: [_("编号 {code} 不变，发布后就叫这个名字。", { code })],
    fields: [{ name: "name", label: _("社区名"), value: name, maxlength: 80, required: true }],
    go: _("改名"), leave: _("不改"), explain: refusal, grave: false,
    run: ({ name: wanted }) => (wanted.trim() === name ? null
      : desk.operate({ kind: "name_community", community: code, name: wanted.trim() })),
  });
}
