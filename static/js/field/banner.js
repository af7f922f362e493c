// The one banner of the tablet: how the way to the server is, what waits, and since when.
import { byId, el, replace } from "../core/dom.js";
import { duration } from "../core/format.js";
import { _, n_ } from "../core/words.js";
import { sign } from "./rows.js";

const WORDS = {
  unreachable: (n) => (n ? n_("没有网络。照常用，{n} 条有网自动发", n) : _("没有网络。照常用，报的事有网自动发")),
  stranger: (n) => _("连着网络，但没通到服务器，像是要先过上网认证。{n} 条等着发", { n }),
  server: (n) => _("服务器这会儿没空。照常用，{n} 条等着发", { n }),
  signin: (n) => _("登录过期了。内容都在，登录后接着发 {n} 条", { n }),
};

/** Show how the way is; nothing while the server can be reached. */
export function drawBanner({ way, since }, waiting, now) {
  const banner = byId("offline-banner");
  const words = WORDS[way]?.(waiting);
  banner.hidden = !words;
  document.documentElement.classList.toggle("is-cut", Boolean(words));
  if (!words) return;
  if (banner.dataset.shown !== way + words) {
    banner.dataset.shown = way + words;
    replace(banner, sign("cut", 24, 2.4), el("span", { class: "grow" }, words),
      way === "signin" ? el("a", { class: "btn", href: "/" }, _("去登录")) : el("span", { class: "num since" }));
  }
  const timer = banner.querySelector(".since");
  if (timer && since) timer.textContent = duration((now - since) / 1000);
}
