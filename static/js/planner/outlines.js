// Outlines of the communities as a draft has them: of those that it merges, the one they become.

/** Communities around, with what a draft makes of some of them in their place. */
export function drafted(areas, merged = []) {
  const gone = new Set(merged.flatMap(({ communities }) => communities));
  const made = merged.filter(({ outline }) => outline).map(({ code, name, outline }) => ({
    type: "Feature", id: code, geometry: outline, properties: { code, name, level: "community" },
  }));
  return { type: "FeatureCollection", features: [...areas.filter(({ properties }) => !gone.has(properties.code)), ...made] };
}

export class Outlines {
  constructor(editor) {
    const { client, scenario, layers } = editor;
    Object.assign(this, { editor, client, scenario, layer: layers.communities, areas: [], shown: null });
    scenario.addEventListener("head", () => this.draw());
  }

  async load() {
    try {
      this.areas = (await this.client.communities()).features;
    } catch {
      return; // The grids are there without them.
    }
    this.shown = undefined; // Names have come as well.
    this.draw();
  }

  /** The head comes after every operation; outlines and names change only with a merger. */
  draw() {
    const merged = this.scenario.head?.merged || [];
    const key = merged.map(({ code, name }) => `${code} ${name}`).join();
    if (key === this.shown) return;
    const first = this.shown === null;
    this.shown = key;
    this.layer.setData(drafted(this.areas, merged));
    if (first) return;
    this.editor.chosen.refresh(); // Panels that name communities.
    this.editor.proposals.draw();
  }

  /** What people call a community, one of before a merger as well. */
  name(code) {
    const made = this.scenario.head?.merged?.find((one) => one.code === code);
    return made?.name || this.areas.find(({ properties }) => properties.code === code)?.properties.name || code;
  }
}
