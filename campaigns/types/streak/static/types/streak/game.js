// A streak has little to move: the day that was just done lands in the calendar, and the flame leaps up.

import { watch } from "../../player/live.js";

const LEAP_MS = 450;

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export function init(root) {
  const find = (selector) => root.querySelector(selector);

  function leap() {
    if (calm()) return;
    const timing = { duration: LEAP_MS, easing: "cubic-bezier(.2, .8, .3, 1)" };
    find(".flame__art").animate([{ transform: "scale(.85)" }, { transform: "scale(1.12)" }, { transform: "none" }], timing);
    find("[aria-current].day--done .day__mark")?.animate([{ transform: "scale(.3)" }, { transform: "none" }], timing);
  }

  // The heading says what the press has done.
  function moved() {
    leap();
    document.querySelector("h1").focus();
  }

  function reveal(_, { done }) {
    leap();
    const timer = setTimeout(done, calm() ? 0 : LEAP_MS);
    return () => {
      clearTimeout(timer);
      done();
    };
  }

  watch();
  return { reveal, moved };
}
