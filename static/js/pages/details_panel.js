// The details panel beside the map: opens on a choice, gives the focus back when it closes.
import { byId, replace } from "../core/dom.js";
import { errorLine } from "../core/panels.js";
import { shownLater, shownNow } from "./details.js";

export class DetailsPanel {
  constructor({ view, tabs = null, now }) {
    Object.assign(this, { view, tabs, now, asked: 0 });
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

  async show(hit) {
    const number = ++this.asked;
    this.opener = document.activeElement;
    this.view.select(hit.layer, hit.id);
    this.panel.hidden = false;
    this.hideTab(false);
    this.tabs?.select("tab-details");
    replace(this.body, shownNow(hit, this.now()));
    this.body.scrollTop = 0;
    const later = shownLater(hit);
    if (!later) return;
    try {
      const children = await later;
      if (number === this.asked) replace(this.body, children);
    } catch (error) {
      if (number === this.asked) this.body.append(errorLine(error, () => this.show(hit)));
    }
  }

  close() {
    this.asked += 1;
    this.panel.hidden = true;
    this.hideTab(true);
    this.view.select(null);
    if (this.tabs && document.getElementById("tab-details")?.getAttribute("aria-selected") === "true") {
      this.tabs.select(this.tabs.tabs[0].id);
    }
  }
}
