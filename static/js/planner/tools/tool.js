// What every tool does: says what to do, takes clicks and keys, gives back what it held.

/** `desk` is the page: map view, scenario, bar, streets, `operate`, `complain`. */
export class Tool {
  constructor(desk) {
    this.desk = desk;
  }

  start() {
    this.tell();
  }

  stop() {}

  /** Keys of the grids that are in hand: others see them as taken. */
  inHand() {
    return [];
  }

  /** Say in the bar what can be done now. */
  tell() {}

  /** Something on the map was chosen: `hits` by layer, `place` is where. */
  click() {}

  /** True when the key was for this tool. */
  key() {
    return false;
  }

  /** The scenario has changed under the tool: keys of grids that differ. */
  changed() {}

  /** Send an operation; what the user drew stays until the server has taken it. */
  async send(operation, { grids, place }) {
    this.busy = true;
    this.problem = null;
    this.tell();
    try {
      return await this.desk.operate(operation, grids);
    } catch (problem) {
      this.problem = problem;
      await this.desk.complain(problem, place);
      return null;
    } finally {
      this.busy = false;
      this.tell();
    }
  }
}
