// Alarm tones. A browser gives sound only after somebody has pressed something: the button does it.
import { _ } from "../core/words.js";

// Frequency in hertz, seconds from the start, seconds long.
export const TONES = {
  red: [[660, 0, 0.22], [880, 0.28, 0.22], [1175, 0.56, 0.34]], // three, rising
  orange: [[740, 0, 0.2], [740, 0.32, 0.2]], // two alike
  late: [[220, 0, 0.5]], // one, low
  cut: [[660, 0, 0.25], [440, 0.3, 0.4]], // falling
};
const LOUD = 0.25;
const KEY = "gridmap.muted";

export class Sound {
  /** `button` shows and switches the state. `shift()` names the shift in which muting holds. */
  constructor(button, shift = () => "") {
    Object.assign(this, { button, shift, context: null });
    button?.addEventListener("click", () => this.press());
    this.begin();
    this.show();
  }

  /** Some desks allow sound from the start; the others after the first press. */
  begin() {
    const Context = window.AudioContext;
    if (!Context) return;
    try {
      this.context = new Context();
      this.context.onstatechange = () => this.show();
    } catch {
      this.context = null;
    }
  }

  get muted() {
    try {
      return localStorage.getItem(KEY) === `muted ${this.shift()}`;
    } catch {
      return Boolean(this.mutedHere);
    }
  }

  set muted(value) {
    this.mutedHere = value;
    try {
      if (value) localStorage.setItem(KEY, `muted ${this.shift()}`);
      else localStorage.removeItem(KEY);
    } catch {
      // A browser that keeps nothing mutes for this page alone.
    }
  }

  get on() {
    return !this.muted && this.context?.state === "running";
  }

  async press() {
    this.muted = this.on;
    if (!this.muted) await this.context?.resume?.();
    this.show();
    if (this.on) this.play("orange"); // What it will sound like, at once.
  }

  show() {
    const { button } = this;
    if (!button) return;
    const words = this.on ? _("声音：开") : this.muted ? _("声音：关") : _("声音：没开，点开");
    button.textContent = words;
    button.setAttribute("aria-pressed", String(this.on));
    button.classList.toggle("off-loud", !this.on);
  }

  /** Schedule a pattern; an exercise is announced by its word before it. */
  play(name, { exercise = false } = {}) {
    if (!this.on) return false;
    const { context } = this;
    if (exercise) this.announce();
    const start = context.currentTime + (exercise ? 1.2 : 0.02);
    for (const [hertz, after, long] of TONES[name]) {
      const [tone, gain] = [context.createOscillator(), context.createGain()];
      tone.type = "triangle";
      tone.frequency.value = hertz;
      gain.gain.setValueAtTime(0, start + after);
      gain.gain.linearRampToValueAtTime(LOUD, start + after + 0.02);
      gain.gain.setValueAtTime(LOUD, start + after + long - 0.05);
      gain.gain.linearRampToValueAtTime(0, start + after + long);
      tone.connect(gain);
      gain.connect(context.destination);
      tone.start(start + after);
      tone.stop(start + after + long);
    }
    return true;
  }

  announce() {
    const { speechSynthesis, SpeechSynthesisUtterance } = window;
    if (!speechSynthesis || !SpeechSynthesisUtterance) return;
    const words = new SpeechSynthesisUtterance(_("演练"));
    words.lang = document.documentElement.lang;
    speechSynthesis.speak(words);
  }
}
