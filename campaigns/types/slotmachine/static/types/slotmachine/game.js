// The reels' motion: they stop one after the other, from left to right, where the server has said.

const STOP_MS = [1400, 2000, 2600];
const FADE_MS = 350;
const LENGTHS = [12, 18, 24]; // symbols that run past
const EASING = "cubic-bezier(.15, .6, .3, 1)"; // ends flat

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const GAP = 28; // from one symbol to the next; each is 24 high

function draw(strip, symbols) {
  strip.setAttribute("viewBox", `0 0 24 ${24 + GAP * (symbols.length - 1)}`);
  const one = strip.firstElementChild;
  strip.textContent = "";
  symbols.forEach((symbol, place) => {
    const use = strip.appendChild(one.cloneNode());
    use.setAttribute("href", `#slot-${symbol}`);
    use.setAttribute("y", place * GAP);
  });
}

export function init(root) {
  const slots = root.querySelector("[data-slots]");
  const strips = [...slots.querySelectorAll("[data-strip]")];
  const around = slots.dataset.reel.split(" ").map(Number);
  let shown = strips.map((strip) => Number(strip.firstElementChild.getAttribute("href").slice(6)));

  function turn(strip, reel, target) {
    const from = around.indexOf(target) + 1;
    const way = Array.from({ length: LENGTHS[reel] }, (_, step) => around[(from + step) % around.length]);
    const symbols = [target, ...way, shown[reel]];
    const height = 24 + GAP * (symbols.length - 1);
    draw(strip, symbols);
    const start = (-100 * GAP * (symbols.length - 1)) / height;
    const frames = [{ transform: `translateY(${start}%)` }, { transform: "none" }];
    return strip.animate(frames, { duration: STOP_MS[reel], easing: EASING });
  }

  function fade(strip, reel, target) {
    setTimeout(() => draw(strip, [target]), FADE_MS / 2);
    return strip.animate([{ opacity: 1 }, { opacity: 0, offset: 0.5 }, { opacity: 1 }], FADE_MS);
  }

  function reveal({ symbols }, { done, tick }) {
    const move = calm() ? fade : turn;
    let moving = strips.length;
    const motions = strips.map((strip, reel) => move(strip, reel, symbols[reel]));
    motions.forEach((motion, reel) => {
      motion.onfinish = () => {
        draw(strips[reel], [symbols[reel]]);
        tick?.();
        moving -= 1;
        if (moving === 0) done();
      };
    });
    shown = symbols;
    return () => motions.forEach((motion) => motion.finish());
  }

  return { reveal, ticks: true };
}
