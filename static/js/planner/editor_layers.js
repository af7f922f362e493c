// The layers of the editor's map.
import { SpecialLayer } from "../map/layers/special.js";
import { hook } from "../map/view.js";
import { ArcLayer, BlockLayer, PlanCommunities, PlanGrids } from "./layers.js";
import { LockLayer } from "./lock_layer.js";
import { ForceLayer, ProblemLayer } from "./marks.js";
import { ProposalLayer } from "./proposal_layer.js";

/** Put the layers of the editor on a map, in drawing order; gives them by name. */
export function editorLayers(overlay) {
  const grids = new PlanGrids(hook("grids"));
  const special = new SpecialLayer(hook("special_grids"));
  return {
    communities: overlay.add(new PlanCommunities(hook("communities"), { neutral: true })),
    grids: overlay.add(grids),
    special: overlay.add(special),
    force: overlay.add(new ForceLayer(null)),
    blocks: overlay.add(new BlockLayer(null)),
    buildings: overlay.add(new BlockLayer(null, "building")),
    proposal: overlay.add(new ProposalLayer(null)),
    arcs: overlay.add(new ArcLayer(null)),
    problems: overlay.add(new ProblemLayer(null)),
    locks: overlay.add(new LockLayer([grids, special])),
  };
}
