// The wheel's motion. The server has decided before anything here moves; this only shows it.

const TURNS = 5;
const SPIN_MS = 4200;
const FADE_MS = 350;
const EASING = "cubic-bezier(.12, .72, .12, 1)"; // ends flat: no creeping past a prize
const MIDDLE = 0.6; // of a slice: where the pin may come to rest

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// Where to stop, in degrees: a place within the middle of the slice, which is not always the same.
function restingPlace(slice, widths) {
  const before = widths.slice(0, slice).reduce((sum, each) => sum + each, 0);
  const middle = before + (widths[slice] - widths[0]) / 2; // the first slice's middle is at the top
  return -(middle + (Math.random() - 0.5) * MIDDLE * widths[slice]);
}

function ticker(disc, animation, count, tick) {
  let last = null;
  const look = () => {
    if (animation.playState !== "running") return;
    const { a, b } = new DOMMatrixReadOnly(getComputedStyle(disc).transform);
    const slice = Math.floor((Math.atan2(b, a) / (2 * Math.PI)) * count);
    if (last !== null && slice !== last) tick();
    last = slice;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

export function init(root) {
  const wheel = root.querySelector("[data-wheel]");
  const disc = wheel.querySelector(".wheel__disc");
  const widths = wheel.dataset.widths.split(" ").map(Number);
  const drawn = Number(wheel.dataset.turned); // what the drawing itself is turned by
  let turned = 0;

  // Turns to the slice; `done` runs once it rests. Gives a function that ends the motion at once.
  function reveal({ slice }, { done, tick }) {
    const rest = restingPlace(slice, widths);
    const target = rest - drawn;
    const quiet = calm();
    const way = Math.ceil((turned - target) / 360) * 360 + (quiet ? 0 : 360 * TURNS);
    const frames = quiet
      ? [{ opacity: 1 }, { opacity: 0, offset: 0.5 }, { opacity: 1 }]
      : [{ transform: `rotate(${turned}deg)` }, { transform: `rotate(${target + way}deg)` }];
    turned = target + way;
    const animation = disc.animate(frames, { duration: quiet ? FADE_MS : SPIN_MS, easing: quiet ? "ease" : EASING });
    const land = () => {
      disc.style.transform = `rotate(${turned}deg)`;
      wheel.dataset.rest = String(rest);
    };
    if (quiet) setTimeout(land, FADE_MS / 2);
    animation.onfinish = () => {
      land();
      done();
    };
    if (tick && !quiet) ticker(disc, animation, widths.length, tick);
    return () => animation.finish();
  }

  return { reveal, ticks: true };
}
