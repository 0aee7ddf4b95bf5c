// The scratch card: a cover to rub away. The first stroke sends the play; what is under the cover comes with the answer.

const ENOUGH = 0.45; // of the cover, and the rest goes by itself
const BRUSH = 26;
const ACROSS = 16; // cells, by which is counted what is rubbed away
const DOWN = 10;
const SWEEP_MS = 900;
const FADE_MS = 350;
const SHINE = "rgba(255,255,255,.3)";

const playButton = () => document.querySelector("form[data-play] button");

function paint(canvas, cover) {
  const { width, height } = canvas.getBoundingClientRect();
  const scale = Math.min(devicePixelRatio, 2);
  Object.assign(canvas, { width: width * scale, height: height * scale });
  const ink = canvas.getContext("2d");
  const look = getComputedStyle(cover);
  ink.scale(scale, scale);
  ink.fillStyle = look.backgroundColor;
  ink.fillRect(0, 0, width, height);
  const shine = ink.createLinearGradient(width * 0.2, 0, width * 0.8, height);
  [["transparent", 0.1], [SHINE, 0.5], ["transparent", 0.9]].forEach(([color, at]) => shine.addColorStop(at, color));
  ink.fillStyle = shine;
  ink.fillRect(0, 0, width, height);
  ink.fillStyle = SHINE;
  for (let x = 12; x < width; x += 24) for (let y = 12; y < height; y += 24) ink.fillRect(x, y, 4, 4);
  ink.fillStyle = look.color;
  ink.font = `800 22px ${look.fontFamily}`;
  ink.textAlign = "center";
  ink.fillText(cover.textContent.trim(), width / 2, height / 2 + 8, width - 32);
  Object.assign(ink, { globalCompositeOperation: "destination-out", lineWidth: 2 * BRUSH, lineCap: "round" });
  return { ink, width, height };
}

export function init(root) {
  const card = root.querySelector("[data-scratch]");
  const cover = card.querySelector("[data-cover]");
  const name = playButton()?.textContent;
  if (!cover) return { reveal: (_, { done }) => setTimeout(done) && (() => {}) }; // it is open already
  const canvas = card.appendChild(document.createElement("canvas"));
  canvas.setAttribute("aria-hidden", "true");
  const { ink, width, height } = paint(canvas, cover);
  const rubbed = new Set();
  let last = null;
  let byHand = false;
  let open = null; // takes the rest of the cover away

  cover.hidden = true;

  function rub(x, y) {
    ink.beginPath();
    ink.moveTo(...(last ?? [x, y]));
    ink.lineTo(x, y);
    ink.stroke();
    last = [x, y];
    for (let column = 0; column < ACROSS; column += 1) {
      for (let row = 0; row < DOWN; row += 1) {
        const away = Math.hypot(((column + 0.5) / ACROSS) * width - x, ((row + 0.5) / DOWN) * height - y);
        if (away < BRUSH) rubbed.add(column * DOWN + row);
      }
    }
    if (rubbed.size >= ENOUGH * ACROSS * DOWN) open?.();
  }

  const place = ({ clientX, clientY }) => {
    const now = canvas.getBoundingClientRect(); // the phone may have been turned
    return [((clientX - now.left) * width) / now.width, ((clientY - now.top) * height) / now.height];
  };
  const state = () => document.body.dataset.state;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = null;
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    if (state() === "pristine") {
      playButton()?.click();
      byHand = state() === "playing";
    }
    if (state() === "playing") rub(...place(event));
  });
  canvas.addEventListener("click", (event) => event.stopPropagation()); // a stroke's end is no wish to skip

  function sweep() {
    const began = performance.now();
    last = null;
    const step = (now) => {
      const part = Math.max(0, now - began) / SWEEP_MS;
      if (part > 1 || !canvas.isConnected) return open();
      const turn = Math.abs(((part * 5) % 2) - 1);
      rub(width * (0.08 + 0.84 * turn), height * (0.1 + 0.8 * part));
      return requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  function reveal({ name: text, prize }, { done }) {
    card.querySelector("[data-name]").textContent = text;
    card.dataset.prize = prize;
    let fading = null;
    open = () => {
      if (fading) return fading.finish();
      fading = canvas.animate([{ opacity: 1 }, { opacity: 0 }], { duration: FADE_MS, fill: "forwards" });
      fading.onfinish = () => {
        card.dataset.open = "";
        done();
      };
      return fading;
    };
    const button = playButton();
    if (byHand && button) {
      button.textContent = name;
      button.removeAttribute("aria-disabled");
      if (rubbed.size >= ENOUGH * ACROSS * DOWN) open();
    } else if (matchMedia("(prefers-reduced-motion: reduce)").matches) open();
    else sweep();
    return open;
  }

  return { reveal };
}
