// The banner of what an emergency has opened: closed by hand, gone when its time is over.
import { post } from "../core/api.js";

/** Make the buttons of the banner work, and take the banner away when everything has closed. */
export function watchGlass() {
  const banner = document.getElementById("glass-banner");
  if (!banner) return;
  for (const button of banner.querySelectorAll("[data-close-glass]")) {
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        await post(`/api/households/break-glass/${encodeURIComponent(button.dataset.closeGlass)}/close`);
      } catch (error) {
        if (error.status !== 404) {
          button.disabled = false;
          return;
        }
      }
      location.reload();
    });
  }
  for (const line of banner.querySelectorAll("[data-until]")) {
    const left = Date.parse(line.dataset.until) - Date.now();
    setTimeout(() => location.reload(), Math.max(1000, left + 1000));
  }
}
