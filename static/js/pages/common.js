// What every page does: theme switch, menus that close.
import { watchGlass } from "./glass.js";

export { toast } from "../core/toast.js";

function darkNow() {
  return document.documentElement.dataset.theme === "dark";
}

function nameSwitch(button) {
  button.textContent = darkNow() ? button.dataset.light : button.dataset.dark;
}

function themeSwitch() {
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    nameSwitch(button);
    button.addEventListener("click", () => {
      const theme = darkNow() ? "light" : "dark";
      document.documentElement.dataset.theme = theme;
      // The server keeps the choice with the session: the next page opens in it.
      fetch(`/about?theme=${theme}`, { credentials: "same-origin" }).catch(() => {});
      nameSwitch(button);
      window.dispatchEvent(new Event("themechange"));
    });
  }
}

function closingMenus() {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

themeSwitch();
closingMenus();
watchGlass();
