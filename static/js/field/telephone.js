// The telephone of one household: asked for with a network only, and the reading is recorded.
import { get } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { _ } from "../core/words.js";

/** Show who to call and by which number in `box`. */
export async function details(home, box) {
  box.hidden = false;
  box.textContent = _("正在取数");
  try {
    const found = await get(`/api/households/${encodeURIComponent(home.id)}`);
    replace(box, [found.householder, found.phone].filter(Boolean).join(" · ") || _("没登记电话"), " ",
      found.phone && !found.masked && el("a", { class: "btn", href: `tel:${found.phone}` }, _("打电话")));
  } catch (error) {
    box.textContent = error.status === 0 ? _("电话要有网才查得到") : error.detail || error.message;
  }
}
