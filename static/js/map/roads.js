// How wide each class of street is drawn and in which order: one table for casing and fill.

/** Small to big: a bigger street is drawn over a smaller one. Widths at 2.3 m a pixel. */
export const ROADS = [
  { class: "foot", casing: 3, fill: 1.6, from: 16, dash: [4, 3] },
  { class: "service", casing: 3, fill: 2, from: 15 },
  { class: "residential", casing: 4.2, fill: 3, from: 13 },
  { class: "link", casing: 4.2, fill: 3, from: 13, colour: "major" },
  { class: "tertiary", casing: 6.2, fill: 4.8, from: 12, colour: "major" },
  { class: "secondary", casing: 8.4, fill: 6.8, from: 11, colour: "major" },
  { class: "primary", casing: 9.4, fill: 7.4, from: 10, colour: "trunk", casingColour: "trunkCasing" },
  { class: "trunk", casing: 9.4, fill: 7.4, from: 0, colour: "trunk", casingColour: "trunkCasing" },
];

const SCALES = [[10, 0.14], [12, 0.24], [13, 0.34], [14, 0.5], [15, 0.72], [16, 1.05], [17, 1.6],
  [18, 2.4], [19, 3.3]];

/** The factor for widths at a zoom level, between the listed ones in proportion. */
export function widthScale(zoom) {
  if (zoom <= SCALES[0][0]) return SCALES[0][1];
  for (let i = 1; i < SCALES.length; i++) {
    const [[z0, s0], [z1, s1]] = [SCALES[i - 1], SCALES[i]];
    if (zoom <= z1) return s0 + ((s1 - s0) * (zoom - z0)) / (z1 - z0);
  }
  return SCALES[SCALES.length - 1][1];
}

function line(options) {
  return new protomapsL.LineSymbolizer({ lineCap: "round", lineJoin: "round", ...options });
}

function rule(road, symbolizer, level) {
  const test = {
    ground: (p) => !p.bridge && !p.tunnel,
    bridge: (p) => Boolean(p.bridge),
    tunnel: (p) => Boolean(p.tunnel) && !p.bridge,
  }[level];
  return {
    dataLayer: "roads",
    minzoom: road.from,
    symbolizer,
    filter: (zoom, feature) => feature.props.class === road.class && test(feature.props),
  };
}

function casing(road, colours, level) {
  const width = (zoom) => Math.max(road.casing * widthScale(zoom), road.fill * widthScale(zoom) + 1);
  const color = colours[road.casingColour || "casing"];
  const cap = level === "bridge" ? "butt" : "round";
  return rule(road, line({ color, width, lineCap: cap }), level);
}

function filling(road, colours, level) {
  const color = colours[road.colour || "road"];
  const width = (zoom) => Math.max(0.8, road.fill * widthScale(zoom));
  const dashed = road.dash ? { dash: road.dash, dashColor: color, lineCap: "butt" } : {};
  const opacity = level === "tunnel" ? 0.45 : 1;
  return rule(road, line({ color, width, opacity, ...dashed }), level);
}

/** Paint rules: all casings, then all fills from small to big, so that junctions join. */
export function roadRules(colours) {
  const level = (name) => [
    ...ROADS.map((road) => casing(road, colours, name)),
    ...ROADS.map((road) => filling(road, colours, name)),
  ];
  return [
    ...ROADS.map((road) => filling(road, colours, "tunnel")),
    ...level("ground"),
    ...level("bridge"),
  ];
}
