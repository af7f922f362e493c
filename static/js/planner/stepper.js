// The steps of a scenario's way as this page takes them: validation as a job, the rest as dialogs.
import { toast } from "../pages/common.js";
import { byId } from "../core/dom.js";
import { JobBar } from "../core/job.js";
import { _ } from "../core/words.js";
import { stepDialogs } from "./actions.js";
import { refusal } from "./refusals.js";
import { stateWords } from "./way.js";

export class Stepper {
  constructor(editor) {
    this.editor = editor;
    this.job = new JobBar(byId("job"), (job) => this.validated(job));
  }

  get state() {
    return this.editor.scenario.head.state;
  }

  async step(name) {
    const { editor } = this;
    if (name === "validate") {
      await this.validate();
      return;
    }
    if (!(await stepDialogs(editor)[name]())) return;
    toast(_("方案{state}", { state: stateWords(this.state) }));
    byId("scenario-name").focus();
    await editor.reload();
  }

  async validate() {
    const { client, others } = this.editor;
    try {
      this.job.start((await client.step("validate")).job);
    } catch (problem) {
      toast(_("没能校验：{why}", { why: refusal(problem) }));
      if (problem.status === 409) others.look();
    }
  }

  async validated(job) {
    const { editor } = this;
    await editor.reload();
    await editor.client.loadHead().catch(() => {});
    if (job.state === "done") toast(this.state === "valid" ? _("校验过了，可以审批") : _("校验出问题，列在左边"));
  }
}
