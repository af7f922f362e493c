// The tablet's page: opens from what it holds, then looks for the server.
import { byId } from "../core/dom.js";
import { language, page } from "../core/page.js";
import { _ } from "../core/words.js";
import { open } from "./db.js";
import { owesSignOut } from "./keyring.js";
import { Server } from "./server.js";
import { Session } from "./session.js";
import { tasksDoor } from "./tasks_door.js";
import { register, tellLanguage } from "./updates.js";
import { Work } from "./work.js";

const AGAIN = 5; // Seconds between tries while nobody's key is here.

const server = new Server(page.urls);
let session = null;
let work = null;
let standing = null; // Done when the page and its map are there.

/** A state of the whole page before there is anything to show. */
function wait(words, door = false) {
  byId("main").dataset.view = "wait";
  byId("wait-words").textContent = words;
  byId("wait-door").hidden = !door;
}

function atWork(holder) {
  work = new Work({ session, server, holder });
  standing = work.start();
}

/** Nobody's key is here: take that of who is signed in, as soon as the server can be reached. */
async function enter() {
  if (!(await session.payDebt())) {
    wait(_("没有网络。已经退出，有网时再登录"));
  } else if (await session.take()) {
    atWork(session.holder);
    return;
  } else if (session.way === "signin") {
    location.assign("/");
    return;
  } else {
    wait(_("没有网络，这台平板上也没有人登录。有网时打开一次，以后没有网也能用"));
  }
  setTimeout(enter, AGAIN * 1000);
}

async function begin() {
  let db;
  try {
    db = await open(() => location.reload());
  } catch {
    wait(_("这个浏览器不让本页存东西，没有网时报的事留不住。换个浏览器，或关掉无痕模式"), true);
    return;
  }
  session = new Session(db, server);
  session.addEventListener("changed", () => location.reload());
  const owed = await owesSignOut(db);
  if (!owed && await session.begin()) atWork(session.holder);
  else await enter();
}

function offerUpdate(swap) {
  byId("update-banner").hidden = false;
  byId("update-now").onclick = async () => {
    await work?.settled();
    swap();
  };
}

await begin();
await standing;
document.documentElement.dataset.field = "ready";
tasksDoor();
await register(page.urls.worker, offerUpdate); // Last: what it keeps competes with nothing.
tellLanguage(language === "en" ? "en" : "zh_CN");
