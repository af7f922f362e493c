// Rows of a run added up by community and township, and what a row of a difference says.

export const LEVELS = { grid: 15, community: 12, township: 9 };

const ADDED = ["households", "uncovered", "people", "people_uncovered", "with_needs", "with_needs_uncovered",
  "always", "sometimes", "never"];

/** The code of the area of a level in which a code lies. */
export function codeAt(level, code) {
  return String(code).slice(0, LEVELS[level]);
}

/** The share that is reached; null where nobody lives. */
export function shareOf(row) {
  return row && row.households ? 1 - row.uncovered / row.households : null;
}

const known = (value) => value !== null && value !== undefined;

function addTo(sum, row) {
  sum.grids += 1;
  for (const name of ADDED) if (known(row[name])) sum[name] = (sum[name] || 0) + Number(row[name]);
  for (const name of ["worst_seconds", "worst_metres"]) {
    if (known(row[name])) sum[name] = Math.max(sum[name] ?? 0, row[name]);
  }
  if (row.main_reason) sum.reasons[row.main_reason] = (sum.reasons[row.main_reason] || 0) + row.uncovered;
}

/** Rows of a level out of rows by grid, those with the most who are not reached first. */
export function rollUp(rows, level) {
  const found = new Map();
  for (const row of rows) {
    const code = codeAt(level, row.code);
    if (!found.has(code)) found.set(code, { code, label: code, households: 0, uncovered: 0, grids: 0, reasons: {} });
    addTo(found.get(code), row);
  }
  const worst = (reasons) => Object.entries(reasons).sort((one, other) => other[1] - one[1])[0]?.[0] || null;
  return [...found.values()].map(({ reasons, ...sum }) => ({ ...sum, main_reason: worst(reasons) })).sort(byWorst);
}

/** Order of rows: most households not reached first, then the code. */
export function byWorst(one, other) {
  return other.uncovered - one.uncovered || String(one.code).localeCompare(String(other.code));
}

/** Totals of rows, as a run has them. */
export function totalsOf(rows) {
  const totals = { households: 0, uncovered: 0, with_gaps: 0, areas: rows.length };
  for (const row of rows) {
    totals.households += row.households;
    totals.uncovered += row.uncovered;
    if (row.uncovered > 0) totals.with_gaps += 1;
  }
  return totals;
}

/** What a row of a difference says: lost, gained, both; null for none. */
export function differenceOf(row) {
  if (!row || (!row.lost && !row.gained)) return null;
  if (row.lost && row.gained) return "both";
  return row.lost ? "lost" : "gained";
}
