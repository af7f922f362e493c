// Other people at the same scenario: what the feed tells of is fetched, and said.
import { toast } from "../pages/common.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";

const SETTLE = 250; // Milliseconds: a burst of events is one look at the server.
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
    const { client, scenario } = this.editor;
    if (client.waiting) {
      this.heard();
      return;
    }
    const before = scenario.version;
    const head = await client.loadHead().catch(() => null);
    if (!head || head.version === before) return;
    this.say(await this.editor.reload());
  }

  /** Who changed which grids, in one line. */
  say(keys) {
    if (!keys.length) return;
    const { head, grids } = this.editor.scenario;
    const last = [...(head.operations || [])].sort((one, other) => other.seq - one.seq)[0];
    const who = last?.by?.name || _("别人");
    const labels = keys.map((key) => grids.get(key)?.properties.label).filter(Boolean).sort();
    toast(labels.length
      ? n_("{who}改了 {grids}", labels.length, { who, grids: terms.listed(labels.slice(0, MOST)) })
      : _("{who}改了方案", { who }));
  }
}
