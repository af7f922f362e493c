// The form of a draft's options: what the server refuses is said with the words of the field.
import assert from "node:assert/strict";
import test from "node:test";
import { asked, refused } from "../../static/js/pages/plan_options.js";

const fault = (place, message) => ({ place, message });

test("a refusal names the field as the form does, in the words of the reader", () => {
  const problem = {
    detail: "the plan cannot be drafted like that",
    faults: [fault("options.tolerance", "between 1 and 20"), fault("options.wave_minutes", "given together")],
    more: { said: ["要在 1 到 20 之间", "要一起填"] },
  };
  assert.equal(refused(problem), "最远是最近安置点的几倍：要在 1 到 20 之间；两批相隔几分钟：要一起填");
  assert.equal(refused({ ...problem, more: {} }), "最远是最近安置点的几倍：between 1 and 20；两批相隔几分钟：given together");
  assert.equal(refused({ detail: "没有路", faults: [] }), "没有路");
});

test("what is left empty is not sent", () => {
  assert.deepEqual(asked({ bridges: "kept", robust: "none", tolerance: " 1.5 ", wave_people: "", vehicles: "no" }), {
    bridges: "kept", robust: "none", tolerance: 1.5, vehicles: false, together: true,
    walk_first: true, assembly_minutes: 15,
  });
  assert.equal(asked({ assembly_minutes: " " }).assembly_minutes, null, "an emptied limit means no assembly points");
  assert.deepEqual(["never", "sometimes"].map((staging) => asked({ staging }).staging), ["never", undefined]);
});
