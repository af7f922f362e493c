// A report in three taps: 报事, its kind, 发送. Everything else is proposed or may be left out.
// A draft is on the disk from the first tap on.
import { byId, el, replace } from "../core/dom.js";
import { colourSign } from "../core/terms.js";
import { severityGlyph } from "../map/symbols.js";
import { _ } from "../core/words.js";
import { isFull } from "./db.js";
import { KINDS, kindOf, LEVELS, levelFor } from "./kinds.js";
import { MOST_PHOTOS, prepare } from "./photo.js";
import { WrongState } from "./outbox.js";
import { bodyOf, lacking, titleOf } from "./report_body.js";
import { button, sign } from "./rows.js";
import { toast } from "./toast.js";

const WRITING_PAUSE = 400; // Milliseconds after the last key before a draft is written.

export class ReportView {
  /**
   * `outbox`; `picker`; `leave()` goes home; `queued()` hears that something waits to be sent;
   * `exported(hand)` writes what a full tablet cannot keep into a file.
   */
  constructor({ outbox, picker, leave, queued, exported, now }) {
    Object.assign(this, { outbox, picker, leave, queued, exported, now });
    this.writing = Promise.resolve();
    this.drawKinds();
    byId("report-send").addEventListener("click", () => this.send());
    byId("report-keep").addEventListener("click", () => this.keep());
    byId("report-cancel").addEventListener("click", () => this.cancel());
    byId("report-note").addEventListener("input", () => this.noted());
    byId("report-write").addEventListener("click", () => this.showNote(true));
    for (const id of ["report-camera", "report-file"]) {
      byId(id).addEventListener("change", (event) => this.picked(event.target));
    }
  }

  /** Open what was taken back, or a new report: in one breath, so that no tap meets the one before. */
  open(item = null) {
    this.id = item?.id || crypto.randomUUID();
    this.begun = Boolean(item);
    this.unkept = new Map(); // Photos for which a full tablet had no room.
    this.content = item?.content || { form: {}, photos: [] };
    this.chosen = Boolean(item && "level" in this.content.form);
    this.showNote(Boolean(this.form.note));
    byId("report-note").value = this.form.note || "";
    this.problem(item?.content.problem);
    this.draw();
    this.picker.start(this.form.place || null);
  }

  /** Take an item back into the hand; null when it is on its way already. */
  async retake(id) {
    try {
      const item = await this.outbox.get(id);
      if (item && item.state !== "draft") await this.outbox.step(id, "draft");
      return item;
    } catch (error) {
      if (!(error instanceof WrongState)) throw error;
      toast(_("已经在发，改不了了"));
      return null;
    }
  }

  get form() {
    return this.content.form;
  }

  /** Write the draft; one after the other, so that the last tap is what stays. */
  save() {
    this.writing = this.writing.then(() => this.saveNow()).catch((error) => this.failed(error));
    return this.writing;
  }

  async saveNow() {
    const content = { ...this.content, title: titleOf(this.form, this.picker.name(this.form.place)) };
    if (this.begun) await this.outbox.write(this.id, content);
    else await this.outbox.begin(this.id, "report", content);
    this.begun = true;
    byId("report-fault").hidden = true;
  }

  failed(error) {
    this.broken = true;
    if (isFull(error)) {
      this.fault(_("平板存满了，这条没存上。内容还在屏幕上，别关本页。导出到文件，再收走已收到的"),
        button(_("导出到文件"), () => this.exported(this.hand())));
    } else {
      this.fault(_("草稿没存上。内容还在屏幕上，再点一次"));
    }
  }

  /** What is on the screen, for a file. */
  hand() {
    const { id, form, picker } = this;
    return {
      id, kind: "report", form, title: titleOf(form, picker.name(form.place)),
      photos: [...this.unkept].map(([sha256, { type, bytes }]) => ({ sha256, type, bytes })),
    };
  }

  fault(words, way = null) {
    const line = byId("report-fault");
    line.hidden = !words;
    replace(line, el("span", { class: "grow" }, words), way);
    if (words) line.scrollIntoView({ block: "nearest" });
  }

  problem(problem) {
    this.fault(problem ? problem.detail || problem.title : "");
  }

  placed(place) {
    this.content.form = { ...this.form, place };
    this.drawSteps();
    if (this.begun) this.save();
  }

  drawKinds() {
    this.tiles = KINDS.map((kind) => el("button", {
      type: "button", class: "tile", "data-kind": kind.key, onclick: () => this.choose(kind),
    }, sign(kind.sign, 38, 1.7), el("span", {}, _(kind.words))));
    replace(byId("report-kinds"), this.tiles);
    this.levels = LEVELS.map(({ level, words }) => el("button", {
      type: "button", class: "btn level", "data-level": level, onclick: () => this.urgent(level),
    }, severityGlyph(level, colourSign(level), 28), el("span", {}, _(words))));
    replace(byId("report-levels"), this.levels);
  }

  choose(kind) {
    this.form.kind = kind.key;
    if (!this.chosen) delete this.form.level;
    this.draw();
    this.save();
  }

  urgent(level) {
    const now = levelFor(kindOf(this.form.kind), this.form.level);
    this.chosen = true;
    this.form.level = now === level ? null : level;
    this.draw();
    this.save();
  }

  draw() {
    const kind = kindOf(this.form.kind);
    for (const tile of this.tiles) {
      tile.setAttribute("aria-pressed", String(tile.dataset.kind === this.form.kind));
    }
    const level = levelFor(kind, this.form.level);
    for (const one of this.levels) {
      const on = Number(one.dataset.level) === level;
      one.classList.toggle("on", on);
      one.setAttribute("aria-pressed", String(on));
      one.disabled = Boolean(kind?.social);
    }
    byId("report-level-note").textContent = kind?.social
      ? _("纠纷不分级") : _("不选也能发，值班员会定");
    this.drawPhotos();
    this.drawSteps();
  }

  drawSteps() {
    const done = { kind: Boolean(this.form.kind), place: Boolean(this.form.place) };
    for (const [name, ready] of Object.entries(done)) {
      byId(`step-${name}`).classList.toggle("done", ready);
    }
  }

  showNote(shown) {
    byId("report-note-row").hidden = !shown;
    byId("report-write").setAttribute("aria-expanded", String(shown));
    if (!shown || !this.content || this.form.note) return;
    byId("report-note").focus({ preventScroll: true });
    byId("report-note-row").scrollIntoView({ block: "center" });
  }

  noted() {
    this.form.note = byId("report-note").value;
    clearTimeout(this.pausing);
    this.pausing = setTimeout(() => this.save(), WRITING_PAUSE);
  }

  async picked(input) {
    const files = [...input.files];
    input.value = "";
    for (const file of files) {
      if (this.content.photos.length >= MOST_PHOTOS) {
        this.fault(_("最多 {n} 张照片", { n: MOST_PHOTOS }));
        break;
      }
      const photo = await prepare(file);
      if (!photo) {
        this.fault(_("这张照片打不开。换一张 JPEG、PNG 或 WebP"));
        continue;
      }
      await this.addPhoto(photo);
    }
    this.drawPhotos();
  }

  async addPhoto({ bytes, type, sha256, size }) {
    if (this.content.photos.some((one) => one.sha256 === sha256)) return;
    this.broken = false;
    this.unkept.set(sha256, { type, bytes });
    await this.save(); // In line with the taps before it: an item is begun once.
    if (this.broken) return;
    try {
      await this.outbox.addPhoto(this.id, { bytes, type, sha256 });
    } catch (error) {
      this.failed(error);
      return;
    }
    this.unkept.delete(sha256);
    this.content.photos.push({ sha256, type, size, state: "waiting" });
    await this.save();
  }

  async dropPhoto(sha256) {
    this.content.photos = this.content.photos.filter((one) => one.sha256 !== sha256);
    await this.save();
    await this.outbox.dropPhoto(this.id, sha256);
    this.drawPhotos();
  }

  async drawPhotos() {
    const box = byId("report-photos");
    const { photos } = this.content;
    box.hidden = !photos.length;
    const rows = await Promise.all(photos.map(async ({ sha256 }, i) => {
      const kept = await this.outbox.photo(this.id, sha256);
      const picture = el("img", { alt: _("照片 {n}", { n: i + 1 }) });
      if (kept) {
        picture.src = URL.createObjectURL(new globalThis.Blob([kept.bytes], { type: kept.type }));
        picture.onload = () => URL.revokeObjectURL(picture.src);
      }
      return el("li", {}, picture, button(_("去掉"), () => this.dropPhoto(sha256), "", { "aria-label": _("去掉照片 {n}", { n: i + 1 }) }));
    }));
    replace(box, rows);
  }

  async send() {
    clearTimeout(this.pausing);
    const missing = lacking(this.form);
    if (missing.length) {
      this.fault(_("差一项：{what}", { what: missing.join(_("、")) }));
      return;
    }
    this.broken = false;
    await this.save();
    if (this.broken) return;
    try {
      await this.freeze();
    } catch (error) {
      this.failed(error);
      return;
    }
    this.close();
    toast(_("放进发件箱了：{title}", { title: this.content.title || titleOf(this.form, this.picker.name(this.form.place)) }));
    this.queued();
  }

  /** From here on these are the bytes, whatever else changes on the tablet. */
  async freeze() {
    const order = await this.outbox.sequence();
    const place = this.picker.name(this.form.place);
    await this.outbox.step(this.id, "queued", (item) => {
      const { form, photos } = item.content;
      item.tries = 0;
      item.received = false;
      item.content.title = titleOf(form, place);
      item.content.path = "/api/incidents";
      item.content.body = bodyOf(item.id, { form, place, order, photos, now: this.now() });
      item.content.problem = null;
      item.content.photos = photos.map((photo) => ({ ...photo, state: "waiting", problem: null }));
    });
  }

  async keep() {
    this.broken = false;
    clearTimeout(this.pausing);
    await this.save();
    if (this.broken) return;
    this.close();
    const missing = lacking(this.form);
    toast(missing.length ? _("存成草稿了，差一项：{what}", { what: missing.join(_("、")) }) : _("存成草稿了"));
  }

  async cancel() {
    clearTimeout(this.pausing);
    await this.writing;
    this.close();
    if (!this.begun) return;
    const raw = await this.outbox.raw(this.id);
    await this.outbox.remove(this.id);
    toast(_("草稿丢掉了"), () => this.outbox.restore(raw.items, raw.photos));
  }

  close() {
    this.picker.stop();
    this.leave();
  }
}
