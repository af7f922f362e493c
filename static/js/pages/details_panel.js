// The details panel beside the map: opens on a choice, gives the focus back when it closes.
import { byId, replace } from "../core/dom.js";
import { errorLine } from "../core/panels.js";
import { shownLater, shownNow } from "./details.js";

export class DetailsPanel {
  /** `panels`: layer -> something with `show(props)` that fills the body by itself. */
  constructor({ view, tabs = null, now, onchange = () => {} }) {
    // `more`: layer -> what puts something under the details, given the body and the properties.
    Object.assign(this, { view, tabs, now, onchange, asked: 0, panels: {}, more: {}, hit: null, leaving: () => {} });
    this.panel = byId("panel-details");
    this.body = this.panel.querySelector(".body");
    byId("details-close").addEventListener("click", () => {
      this.close();
      this.opener?.focus?.();
    });
    this.hideTab(true);
  }

  hideTab(hidden) {
    const tab = document.getElementById("tab-details");
    if (tab) tab.hidden = hidden;
  }

  /** Bring the panel to the front. */
  open() {
    this.opener = document.activeElement;
    this.panel.hidden = false;
    this.hideTab(false);
    this.tabs?.select("tab-details");
    this.onchange();
  }

  async show(hit) {
    this.leaving();
    const number = ++this.asked;
    this.hit = hit;
    this.view.select(hit.layer, hit.id);
    this.open();
    this.body.scrollTop = 0;
    const panel = this.panels[hit.layer];
    if (panel) {
      await panel.show(hit.props);
      return;
    }
    replace(this.body, shownNow(hit, this.now()));
    const later = shownLater(hit);
    if (!later) return;
    try {
      const children = await later;
      if (number !== this.asked) return;
      replace(this.body, children);
      this.more[hit.layer]?.(this.body, hit.props);
    } catch (error) {
      if (number === this.asked) this.body.append(errorLine(error, () => this.show(hit)));
    }
  }

  /** Tell whether this very thing is shown. */
  shows(layer, id) {
    return this.hit?.layer === layer && String(this.hit.id) === String(id);
  }

  close() {
    this.leaving();
    this.asked += 1;
    this.hit = null;
    this.panel.hidden = true;
    this.hideTab(true);
    this.view.select(null);
    if (this.tabs && document.getElementById("tab-details")?.getAttribute("aria-selected") === "true") {
      this.tabs.select(this.tabs.tabs[0].id);
    }
    this.onchange();
  }
}
