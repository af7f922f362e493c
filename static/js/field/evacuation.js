// What the tablet does in an evacuation: the roll-call of one's grids, and the door of a shelter.
import { byId } from "../core/dom.js";
import { ARRIVAL, CallsView, STEP } from "./calls.js";
import { DoorView } from "./door.js";
import { bytesOf } from "./seal.js";

/** True for what the roll-call and the door put into the outbox. */
export const isOurs = ({ kind }) => kind === STEP || kind === ARRIVAL;

export class Evacuation {
  constructor(work) {
    this.work = work;
    const show = (name) => work.show(name);
    const parts = { outbox: work.outbox, queued: () => work.sender.poke(), now: work.now };
    this.door = new DoorView({
      ...parts, leave: () => show("calls"), ask: (path, body) => this.ask(path, body), reached: () => work.session.reached,
    });
    this.calls = new CallsView({ ...parts, leave: () => show("home"), door: (plan) => {
      show("door");
      this.door.open(plan);
    } });
    byId("open-calls").addEventListener("click", () => show("calls"));
  }

  setData(list, items) {
    this.calls.setData(list, items, byId("main").dataset.view === "calls");
  }

  shown(name, from) {
    if (name === "calls") this.calls.draw();
    else if (from === "door") this.door.stop();
  }

  /** Ask the server something at once, with the token of who is signed in. */
  async ask(path, body) {
    const { session, server } = this.work;
    const start = await session.start();
    if (start.kind !== "start") return { status: 0, body: null };
    return server.post(path, bytesOf(JSON.stringify(body)), start.csrf_token);
  }
}
