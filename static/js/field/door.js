// At the door of a shelter, or at relatives': the code on a household's sheet, scanned or typed.
// Without a network it is queued as it is; the server says whose it was when it gets there.
import { byId, el, replace } from "../core/dom.js";
import { _, n_ } from "../core/words.js";
import { ARRIVAL, drillBand, goesWords } from "./calls.js";
import { isFull } from "./db.js";
import { button } from "./rows.js";
import { toast } from "./toast.js";

const EVERY = 400; // ms between two looks through the camera
const LENGTH = 10;

/** Ten letters and digits out of what was scanned or typed; empty for anything else. */
export function codeOf(text) {
  const found = text.trim().toUpperCase().split(":").pop().replace(/[-\s]/g, "")
    .replace(/O/g, "0").replace(/[IL]/g, "1");
  return found.length === LENGTH && /^[0-9A-HJKMNP-TV-Z]+$/.test(found) ? found : "";
}

export class DoorView {
  constructor({ outbox, leave, queued, now, reached, ask }) {
    Object.assign(this, { outbox, leave, queued, now, reached, ask, place: null });
    byId("door-back").addEventListener("click", () => this.close());
    byId("door-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.look(byId("door-code").value);
    });
    byId("door-camera").addEventListener("click", () => this.watch());
  }

  open(plan) {
    this.plan = plan;
    drillBand("door", plan?.exercise);
    const places = plan?.shelters || [];
    this.place = this.place || places[0]?.id || "relatives";
    const choices = [...places.map(({ id, name }) => [id, name]), ["relatives", _("亲友家")]];
    replace(byId("door-places"), choices.map(([key, words]) => el("button", {
      type: "button", class: key === this.place ? "btn on" : "btn", "aria-pressed": String(key === this.place),
      onclick: () => {
        this.place = key;
        this.open(plan);
      },
    }, words)));
    byId("door-camera").hidden = !("BarcodeDetector" in globalThis) || !navigator.mediaDevices?.getUserMedia;
    replace(byId("door-found"));
    byId("door-code").value = "";
    byId("door-code").focus();
  }

  close() {
    this.stop();
    this.leave();
  }

  stop() {
    clearTimeout(this.timer);
    for (const track of this.stream?.getTracks() || []) track.stop();
    this.stream = null;
    byId("door-video").hidden = true;
  }

  /** The camera looks for a code until it has one. */
  async watch() {
    const video = byId("door-video");
    try {
      const detector = new globalThis.BarcodeDetector({ formats: ["qr_code"] });
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.srcObject = this.stream;
      video.hidden = false;
      await video.play();
      const look = async () => {
        if (!this.stream) return;
        const [seen] = await detector.detect(video).catch(() => []);
        const code = seen && codeOf(seen.rawValue);
        if (code) {
          this.stop();
          this.look(code);
        } else this.timer = setTimeout(look, EVERY);
      };
      look();
    } catch {
      this.stop();
      toast(_("摄像头打不开，把码打进来"));
    }
  }

  async look(text) {
    const code = codeOf(text);
    const box = byId("door-found");
    if (!code) {
      replace(box, el("p", { role: "alert" }, _("码是十个字母和数字，再看一眼")));
      return;
    }
    byId("door-code").value = code;
    if (!this.reached()) {
      this.offer({ code, people: null, arrived: 0 });
      return;
    }
    const { status, body } = await this.ask("/api/arrivals/look", { code });
    if (status === 200) this.offer({ code, ...body });
    else if (status >= 400 && status < 500 && body) replace(box, el("p", { role: "alert" }, body.detail || body.title));
    else this.offer({ code, people: null, arrived: 0 });
  }

  /** Who it is, as far as the door has to know, where it goes, and how many have come. */
  offer({ code, name, people, arrived, state, exercise, ...way }) {
    const rest = people === null ? 0 : Math.max(0, people - arrived);
    const goes = goesWords({ state, ...way }, way.shelter);
    const counts = people === null ? 9 : Math.min(9, Math.max(rest - 1, 0));
    replace(byId("door-found"),
      el("p", { class: "door-who" }, exercise && [el("b", { class: "drill-word" }, _("演练")), " "], el("b", { class: "num" }, `${code.slice(0, 5)}-${code.slice(5)}`), " ",
        name ? n_("{name} · {n} 人，已到 {arrived}", people, { name, arrived }) : _("没有网络，先记下，有网再对")),
      state === "arrived" && el("p", { role: "alert" }, _("这一户已经到齐了")),
      goes && el("p", { class: "door-goes" }, goes),
      el("div", { class: "choices pad" },
        button(rest ? n_("{n} 人都到了", rest) : _("都到了"), () => this.note(code, name), "primary big"),
        Array.from({ length: counts }, (_none, i) => button(_("到 {n} 人", { n: i + 1 }), () => this.note(code, name, i + 1)))));
  }

  async note(code, name, people = null) {
    const id = crypto.randomUUID();
    const at = this.now().toISOString();
    const where = this.place === "relatives" ? { place: "relatives" } : { place: "shelter", shelter: this.place };
    const body = { id, code, at, device_time: at, ...where, ...(people ? { people } : {}) };
    const content = {
      title: _("{who}：{what}", { who: name || code, what: _("到了") }), code, photos: [], path: "/api/arrivals", body: JSON.stringify(body),
    };
    try {
      await this.outbox.begin(id, ARRIVAL, content);
      await this.outbox.step(id, "queued");
    } catch (error) {
      toast(isFull(error) ? _("平板存满了，这一步没记上。导出发件箱，再收走已收到的") : _("没记上，再点一次"));
      return;
    }
    toast(content.title);
    this.open(this.plan);
    this.queued();
  }
}
