// Other people at the same scenario: what the feed tells of is fetched, and said.
import { toast } from "../pages/common.js";
import * as terms from "../core/terms.js";
import { me } from "../core/page.js";
import { _, n_ } from "../core/words.js";

const SETTLE = 60; // Milliseconds: a burst of events is one look at the server.
const MOST = 4; // Grids that are named.

export class Others {
  constructor(editor) {
    this.editor = editor;
  }

  /** The feed says that this scenario has changed; our own changes are here already. */
  heard() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.look(), SETTLE);
  }

  async look() {
    const { client } = this.editor;
    if (client.waiting) {
      this.heard();
      return;
    }
    this.say(await client.catchUp().catch(() => []));
  }

  /** Who changed which grids, in one line. */
  say(steps) {
    const mine = me.display_name || me.name;
    const foreign = steps.filter(({ by }) => by?.name !== mine);
    if (!foreign.length) return;
    const { grids } = this.editor.scenario;
    const who = [...new Set(foreign.map(({ by }) => by?.name || _("别人")))].join(_("、"));
    const keys = [...new Set(foreign.flatMap((step) => step.keys || []))];
    const labels = keys.map((key) => grids.get(String(key))?.properties.label).filter(Boolean).sort();
    toast(labels.length
      ? n_("{who}改了 {grids}", labels.length, { who, grids: terms.listed(labels.slice(0, MOST)) })
      : _("{who}改了方案", { who }));
  }
}
