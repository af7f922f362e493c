// The door: a demo account fills the form, the person still presses the button.
import "./common.js";
import { byId } from "../core/dom.js";
import { leave } from "../field/leave.js";

for (const button of document.querySelectorAll(".demo-account")) {
  button.addEventListener("click", () => {
    byId("name").value = button.dataset.name;
    byId("password").value = button.dataset.password;
    byId("sign-in").querySelector("button").focus();
  });
}

leave().catch(() => {}); // A browser that keeps nothing has nothing to drop.
