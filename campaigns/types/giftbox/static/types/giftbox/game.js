// The gift boxes: the lid of the chosen one opens, and what is in it comes up. The server knew before.

const WAIT_MS = 260; // the box shivers
const LID_MS = 600;
const RISE_MS = 700;
const FADE_MS = 350;
const EASING = "cubic-bezier(.2, .9, .3, 1)";

export function init(root) {
  const boxes = root.querySelector("[data-boxes]");

  function show(box, prize) {
    boxes.dataset.landed = "";
    boxes.dataset.prize = prize;
    box.classList.add("box--open");
  }

  function moves(box) {
    const shiver = ["none", "rotate(-4deg)", "rotate(4deg)", "rotate(-3deg)", "none"].map((transform) => ({ transform }));
    const lid = [{ transform: "none" }, { transform: "translate(4px, -30px) rotate(8deg)", offset: 0.4 }, {}];
    const rise = [
      { transform: "translateY(44px) scale(.3)", opacity: 0 },
      { transform: "translateY(-8px) scale(1.1)", opacity: 1, offset: 0.7 },
      { transform: "none" },
    ];
    const timing = (duration, delay) => ({ duration, delay, easing: EASING, fill: "backwards" });
    return [
      box.animate(shiver, WAIT_MS),
      box.querySelector(".box__lid").animate(lid, timing(LID_MS, WAIT_MS)),
      box.querySelector(".box__inside").animate(rise, timing(RISE_MS, WAIT_MS + LID_MS / 3)),
    ];
  }

  function reveal({ box: number, prize }, { done }) {
    const box = boxes.querySelector(`[data-box="${number}"]`);
    if (!box) {
      setTimeout(done); // the page was opened when there were fewer
      return () => {};
    }
    show(box, prize);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const motions = calm ? [box.animate([{ opacity: 0 }, { opacity: 1 }], FADE_MS)] : moves(box);
    motions[motions.length - 1].onfinish = done;
    return () => motions.forEach((motion) => motion.finish());
  }

  return { reveal };
}
