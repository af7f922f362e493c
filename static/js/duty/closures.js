// Closed streets on the duty map: the tool that closes one, and the panel of one that is closed.
import { ClosurePanel } from "./closure_panel.js";
import { closingStreets } from "./closure_tool.js";

/** Put both on the page; gives the tool, null for roles that close no street. */
export function closures({ view, details, now, noun }) {
  const panel = new ClosurePanel(details.body, { now, changed: () => noun.refresh() });
  details.panels.closure = panel;
  noun.addEventListener("change", () => {
    if (details.hit?.layer !== "closure") return;
    const shown = noun.features.find(({ properties }) => details.shows("closure", properties.id));
    if (shown) panel.show(shown.properties);
    else details.close(); // It has been opened again.
  });
  return closingStreets({ view, details, now, made: () => noun.refresh() });
}
