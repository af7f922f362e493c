// Tabs for narrow screens: arrow keys move, one panel shows.

export class Tabs {
  /** `mark` is the class of the panel that shows. */
  constructor(list, onselect = () => {}, mark = "tab-shown") {
    this.mark = mark;
    this.tabs = [...list.querySelectorAll("[role=tab]")];
    this.onselect = onselect;
    for (const tab of this.tabs) {
      tab.addEventListener("click", () => this.select(tab.id));
      tab.addEventListener("keydown", (event) => this.key(event, tab));
    }
    this.select(this.tabs[0].id);
  }

  key(event, tab) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const shown = this.tabs.filter((one) => !one.hidden);
    const next = shown[(shown.indexOf(tab) + step + shown.length) % shown.length];
    this.select(next.id);
    next.focus();
  }

  select(id) {
    for (const tab of this.tabs) {
      const chosen = tab.id === id;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls"))?.classList.toggle(this.mark, chosen);
    }
    this.onselect(id);
  }
}
