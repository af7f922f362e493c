// The button at the desk that takes a report down, and the place it gets on the map.
import { get } from "../core/api.js";
import { may } from "../core/page.js";
import { toast } from "../core/toast.js";
import { _ } from "../core/words.js";
import { palette } from "../map/palette.js";
import { serverButton } from "./buttons.js";
import { PhoneForm } from "./phone_form.js";

const round = (value) => Math.round(value * 1e6) / 1e6;

class PhoneTool {
  constructor({ view, details, incidents, choose }) {
    Object.assign(this, { view, details, active: false, pin: null });
    this.form = new PhoneForm({
      stop: () => this.stop(),
      taken: async (receipt) => {
        this.stop();
        toast(_("记下了：事件 {number}", { number: receipt.number }));
        // It is on the map when the feed tells of it; whoever took it down sees it now.
        const answer = await get(`/api/incidents/${encodeURIComponent(receipt.id)}`).catch(() => null);
        if (!answer) return;
        incidents.take(answer);
        choose(receipt.id);
      },
    });
    this.button = serverButton(_("接报"), () => this.start());
    this.button.classList.add("phone-start");
    view.find(".map-top").prepend(this.button);
    const before = details.leaving;
    // Whoever looks at something else leaves it as it is: what was written is there the next time.
    details.leaving = () => {
      before();
      this.end();
    };
  }

  start() {
    const { details } = this;
    details.close();
    details.hit = { layer: "new-report", id: "new" };
    details.open();
    this.active = true;
    this.button.hidden = true;
    this.view.box.classList.add("placing");
    this.show();
    this.form.begin(details.body);
  }

  /** A place pressed on the map is that of the report; false when none is being taken down. */
  tapped(at) {
    return this.place(at, "finger", "");
  }

  /** So is one that was found by its address or name. */
  found({ lon, lat, title }) {
    return this.place([lon, lat], "address", title);
  }

  place([lon, lat], by, words) {
    if (!this.active) return false;
    this.form.placed([round(lon), round(lat)], by, words);
    this.show();
    return true;
  }

  show() {
    this.pin?.remove();
    this.pin = null;
    const { place } = this.form.values;
    if (!place || !this.active) return;
    const { ink } = palette();
    this.pin = L.circleMarker([place[1], place[0]], {
      radius: 11, weight: 4, color: ink, fillOpacity: 0.2, interactive: false, pmIgnore: true,
    }).addTo(this.view.map);
  }

  stop() {
    this.details.close();
    this.button.focus();
  }

  end() {
    if (!this.active) return;
    this.active = false;
    this.button.hidden = false;
    this.view.box.classList.remove("placing");
    this.show();
  }
}

/** Offer it to who works at the desk; null for other roles. */
export function takingReports(parts) {
  return may("incident.dispatch") && may("incident.report") ? new PhoneTool(parts) : null;
}
