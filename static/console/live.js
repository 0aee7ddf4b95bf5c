/* Keeps `data-live` parts fresh: asks the server every 2 s while the page is seen, slower after a failure.
   A `data-pause` button holds a part still; `data-live-tells` names where its state is said. */
const EVERY = 2000;
const SLOWEST = 30000;

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const isOpen = (root) => root.querySelector("details[open]") !== null;
const isBeingRead = (root) => root.contains(document.activeElement) || isOpen(root);
const button = (root) => (root.id ? document.querySelector(`[data-pause="${root.id}"]`) : null);
const isPaused = (root) => button(root)?.getAttribute("aria-pressed") === "true";

async function refresh(root) {
  const answer = await fetch(root.dataset.live, { headers: { Accept: "text/html" }, redirect: "error" });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const text = await answer.text();
  // replacing what holds the focus or was opened would throw the reader back
  if (text !== root.shown && !isBeingRead(root) && !isPaused(root)) {
    root.innerHTML = text;
    root.shown = text;
    root.dispatchEvent(new Event("refreshed", { bubbles: true }));
  }
}

function tell(root, words) {
  const elsewhere = root.dataset.liveTells;
  const state = elsewhere ? document.getElementById(elsewhere) : root.querySelector("[data-live-state]");
  if (state && state.textContent !== words) state.textContent = words;
}

function offerPause(root) {
  const pause = button(root);
  if (!pause) return;
  pause.hidden = false;
  pause.addEventListener("click", () => {
    const paused = !isPaused(root);
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? "Go on" : "Pause";
    tell(root, paused ? "Paused" : "Live");
  });
}

export async function init(root) {
  offerPause(root);
  let pause = EVERY;
  for (;;) {
    await wait(pause);
    if (document.hidden || isPaused(root)) continue;
    try {
      await refresh(root);
      pause = EVERY;
      if (!isPaused(root)) tell(root, isOpen(root) ? "Held while one is open" : "Live");
    } catch {
      pause = Math.min(pause * 2, SLOWEST);
      tell(root, "Reconnecting");
    }
  }
}

document.querySelectorAll("[data-live]").forEach(init);
