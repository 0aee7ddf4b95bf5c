// The coin flies, turns, and comes down on the side that the server has said.

const TOSS_MS = 1600;
const FADE_MS = 350;
const TURNS = 5;

export function init(root) {
  const coin = root.querySelector("[data-coin]");
  const turning = coin.firstElementChild;
  const said = root.querySelector("[data-said]");

  function reveal({ side }, { done }) {
    said.textContent = "";
    const from = coin.dataset.side === "tails" ? 180 : 0;
    const to = 360 * TURNS + (side === "tails" ? 180 : 0);
    const turn = (part) => `rotateX(${from + (to - from) * part}deg)`;
    const quiet = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const frames = quiet
      ? [{ opacity: 1 }, { opacity: 0, offset: 0.5 }, { opacity: 1 }]
      : [
          { transform: `translateY(0) scale(1) ${turn(0)}`, easing: "cubic-bezier(.2, .7, .5, 1)" },
          { transform: `translateY(-20px) scale(1.15) ${turn(0.55)}`, offset: 0.5, easing: "cubic-bezier(.5, 0, .8, .6)" },
          { transform: `translateY(0) scale(1) ${turn(1)}`, offset: 0.9 },
          { transform: `translateY(0) scale(1) ${turn(1)}` },
        ];
    const land = () => {
      coin.dataset.side = side;
    };
    if (quiet) setTimeout(land, FADE_MS / 2);
    const motion = turning.animate(frames, quiet ? FADE_MS : TOSS_MS);
    motion.onfinish = () => {
      land();
      said.textContent = said.dataset[side];
      done();
    };
    return () => motion.finish();
  }

  return { reveal };
}
