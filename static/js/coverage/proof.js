// The file that proves an answer, for whoever wants to check it elsewhere: fetched by a button.
import { el } from "../core/dom.js";
import { may } from "../core/page.js";
import { toast } from "../core/toast.js";
import { _ } from "../core/words.js";

/** Hand a file to the browser as a download. */
function save(blob, name) {
  const address = URL.createObjectURL(blob);
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

async function fetchFile(url, name, button) {
  button.disabled = true;
  try {
    const response = await fetch(url, { credentials: "same-origin" });
    if (response.ok) save(await response.blob(), name);
    // It is made after the answer, by a worker that has nothing more urgent to do.
    else if (response.status === 404) toast(_("证明文件还没做好，过一会再下载"));
    else toast(_("没下载成：{why}", { why: (await response.json().catch(() => ({}))).detail || response.status }));
  } catch {
    toast(_("没连上服务器"));
  }
  button.disabled = false;
}

/** A button that fetches the file of a run or of an answer about sites; null for who may not take it out. */
export function proofButton(url, name) {
  if (!may("export.request")) return null;
  return el("button", {
    type: "button", class: "btn small", "data-act": "proof", onclick: (event) => fetchFile(url, name, event.currentTarget),
  }, _("下载证明文件"));
}
