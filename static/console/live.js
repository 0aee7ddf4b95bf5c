/* Keeps `data-live` parts fresh: asks the server every 2 s while the page is seen, slower after a failure. */
const EVERY = 2000;
const SLOWEST = 30000;

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const holdsFocus = (root) => root.contains(document.activeElement);

async function refresh(root) {
  const answer = await fetch(root.dataset.live, { headers: { Accept: "text/html" }, redirect: "error" });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const text = await answer.text();
  // replacing what holds the focus or a scrolled table would throw the reader back
  if (text !== root.shown && !holdsFocus(root)) {
    root.innerHTML = text;
    root.shown = text;
  }
}

function tell(root, words) {
  const state = root.querySelector("[data-live-state]");
  if (state && state.textContent !== words) state.textContent = words;
}

export async function init(root) {
  let pause = EVERY;
  for (;;) {
    await wait(pause);
    if (document.hidden) continue;
    try {
      await refresh(root);
      pause = EVERY;
      tell(root, "Live");
    } catch {
      pause = Math.min(pause * 2, SLOWEST);
      tell(root, "Reconnecting");
    }
  }
}

document.querySelectorAll("[data-live]").forEach(init);
