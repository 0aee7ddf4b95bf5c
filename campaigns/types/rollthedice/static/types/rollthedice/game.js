// The dice roll for a moment and come to rest on what the server has said.

const ROLL_MS = 1100;
const FADE_MS = 350;
const FLICKER_MS = 90; // from face to face
const FACES = 6;

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function tumble(die, way) {
  const frames = [
    { transform: "none" },
    { transform: `translate(${-26 * way}px, -58px) rotate(${-200 * way}deg)`, offset: 0.35, easing: "ease-in" },
    { transform: `translate(${12 * way}px, 0) rotate(${-330 * way}deg)`, offset: 0.7, easing: "ease-out" },
    { transform: `translate(${5 * way}px, -12px) rotate(${-350 * way}deg)`, offset: 0.84, easing: "ease-in" },
    { transform: `rotate(${-360 * way}deg)` },
  ];
  return die.animate(frames, { duration: ROLL_MS, easing: "ease-out" });
}

const fade = (die) => die.animate([{ opacity: 1 }, { opacity: 0, offset: 0.5 }, { opacity: 1 }], FADE_MS);

export function init(root) {
  const dice = [...root.querySelectorAll("[data-die]")];
  const said = root.querySelector("[data-said]");

  function reveal({ roll, dice: faces }, { done, tick }) {
    const quiet = calm();
    said.textContent = "";
    const land = () => dice.forEach((die, place) => {
      die.dataset.face = faces[place];
    });
    const motions = dice.map((die, place) => (quiet ? fade(die) : tumble(die, place ? -1 : 1)));
    const began = performance.now();
    const turning = setInterval(() => {
      if (quiet || performance.now() - began > ROLL_MS * 0.7) return land(); // the last hop shows its face
      tick?.();
      return dice.forEach((die) => {
        die.dataset.face = 1 + (Number(die.dataset.face) % FACES);
      });
    }, quiet ? FADE_MS / 2 : FLICKER_MS);
    motions[0].onfinish = () => {
      clearInterval(turning);
      land();
      said.textContent = said.dataset.said.replace("#", roll);
      done();
    };
    return () => motions.forEach((motion) => motion.finish());
  }

  return { reveal, ticks: true };
}
