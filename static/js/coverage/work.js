// A job that somebody waits for: asked for, looked at often in its first seconds, then less.
import { get, post, Problem } from "../core/api.js";
import { jobWords } from "../core/job.js";

const ENDED = ["done", "failed", "cancelled"];
const FIRST = 120; // Milliseconds: a next site is there in less than two seconds.
const LATER = 1000;

const rest = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** The job as it stands; null while the server cannot be reached: the job goes on without us. */
async function look(id) {
  try {
    return await get(`/api/jobs/${encodeURIComponent(id)}`);
  } catch (error) {
    if (error.status !== 0) throw error;
    return null;
  }
}

/** The result of a job that has ended; throws a Problem for one that gave none. */
function outcome(job) {
  if (job.state === "done") return job.result;
  throw new Problem(job.state === "cancelled" ? 410 : 500, jobWords(job), job.error || "");
}

/** Stop a job nobody waits for: what others ask for goes before it. One that has ended may stand. */
async function drop(id) {
  try {
    await post(`/api/jobs/${encodeURIComponent(id)}/cancel`);
  } catch {
    // It ends by itself.
  }
}

/**
 * Wait for a job; `onstep(job)` hears where it stands, `still()` whether anybody waits: as soon as
 * nobody does it is stopped, and there is no result.
 */
export async function resultOf(id, { onstep = () => {}, still = () => true } = {}) {
  for (let wait = FIRST; still(); wait = Math.min(LATER, wait * 1.4)) {
    const job = await look(id);
    if (job) onstep(job);
    if (job && ENDED.includes(job.state)) return outcome(job);
    await rest(wait);
  }
  await drop(id);
  return null;
}
