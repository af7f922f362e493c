// Other ways of choosing sites, behind one dialog: what is wanted, how many, where from, for whom.
import { may } from "../core/page.js";
import { _ } from "../core/words.js";
import { ask } from "../planner/dialog.js";
import { refusalWords } from "./words.js";

const METHODS = {
  next: "再加一处，让最多的户到得了", cover_most: "加几处，让最多的户到得了", cover_all: "用最少的处数，让每户都到得了",
  p_median: "加几处，让大家的路最短", p_center: "加几处，让最远的户最近", least_missed: "现有的撤哪一处最不碍事",
};
const CANDIDATES = { crossings: "路口", buildings: "楼", parcels: "街坊" };
const WEIGHTS = { households: "按户", people: "按人", needs: "按要帮助的人" };

// These answer one question, or find the number themselves: none is asked for.
const UNCOUNTED = ["next", "cover_all", "least_missed"];
// These know how many people a site takes in.
const ROOMY = ["cover_most", "cover_all", "p_median", "p_center"];

/** Whether an answer may tell of needs: only then may they weigh. */
const mayReadNeeds = () => may("household.personal") || may("household.break_glass");

const options = (table) => Object.entries(table).map(([key, words]) => [key, _(words)]);

/** The body of a question out of the fields of the dialog: nothing that the method does not know. */
export function questionOf({ count, capacity, weight, ...chosen }) {
  return {
    ...chosen,
    weight: capacity ? "people" : weight,
    ...(UNCOUNTED.includes(chosen.method) ? {} : { count: Number(count) }),
    ...(capacity ? { capacity: Number(capacity) } : {}),
  };
}

/** The words of a state that gave no site. */
export function stateWords(state) {
  return {
    no_candidate: _("这里没有可以设的地方"), no_gain: _("再加一处也不会多到一户"), no_household: _("这里没有住户"),
    no_weight: _("这里没有要帮助的人"), no_facility: _("没有这类设施在用，所以每户都到不了"),
  }[state] || "";
}

/** A number is asked for only where the method takes one. */
function followMethod() {
  const [method, count] = [document.getElementById("ask-method"), document.getElementById("ask-count")];
  const label = document.querySelector("label[for=ask-count]");
  const follow = () => {
    for (const one of [count, label]) one.hidden = UNCOUNTED.includes(method.value);
    count.disabled = count.hidden;
  };
  method.addEventListener("change", follow);
  follow();
}

/** Ask how sites are to be found; null when it was left. */
export function askSites(standard, last) {
  const methods = options(METHODS).filter(([key]) => !standard.capacity || ROOMY.includes(key));
  const method = methods.some(([key]) => key === last.method) ? last.method : methods[0][0];
  const asked = ask({
    title: _("换一种算法"), grave: false, go: _("算"), leave: _("不算"), explain: refusalWords,
    lines: [_("现有的设施不动。算出的是示意点，须实地看。")],
    fields: [
      { name: "method", label: _("想要的"), options: methods, value: method },
      { name: "count", label: _("加几处"), type: "number", value: String(last.count || 1), min: 1, max: 50, required: true },
      { name: "candidates", label: _("可以设在"), options: options(CANDIDATES), value: last.candidates },
      standard.capacity
        ? { name: "capacity", label: _("一处能住的人"), type: "number", value: String(last.capacity || 300), min: 1, max: 100000, required: true }
        : { name: "weight", label: _("为谁"), options: options(WEIGHTS).filter(([key]) => key !== "needs" || mayReadNeeds()), value: last.weight },
    ],
    run: async (values) => questionOf(values),
  });
  followMethod();
  return asked;
}
