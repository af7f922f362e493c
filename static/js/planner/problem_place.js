// A problem in the list is gone to: the map shows its place, the panel its grid.

export function showProblem({ view, scenario, chosen }, problem) {
  if (problem.point) {
    view.goTo(...problem.point, 15);
    view.select("problem", problem.number);
  }
  if (problem.grids[0] && scenario.grid(problem.grids[0])) chosen.draw({ arc: null, grid: problem.grids[0] });
  for (const button of document.querySelectorAll("[data-problem]")) {
    button.classList.toggle("sel", button.dataset.problem === String(problem.number));
  }
  document.querySelector(".fi.sel")?.scrollIntoView({ block: "nearest" });
}
