// The quiz: the server asks and tells; here only the clock runs, as long as a question has one.

const WARN_S = 10;

export function init(root) {
  let clock = null; // the element, and when its time ends

  function tick() {
    const shown = root.querySelector("[data-left]");
    if (!shown) return;
    if (clock?.shown !== shown) clock = { shown, end: Date.now() + 1000 * shown.dataset.left, said: false };
    const left = Math.max(0, Math.round((clock.end - Date.now()) / 1000));
    shown.textContent = left;
    const words = root.querySelector("[data-warn]");
    if (left > 0 && left <= WARN_S && !words.textContent) words.textContent = words.dataset.warn;
    if (left > 0 || clock.said) return;
    clock.said = true;
    words.textContent = words.dataset.up;
    words.className = "quiz__say";
    // nobody has to choose any more; the button leads on
    for (const choice of root.querySelectorAll("[required]")) choice.required = false;
    root.querySelector("[value=more]")?.remove();
    document.querySelector("#play button").textContent = words.dataset.go;
  }

  // What was found out on the way needs no motion of its own.
  function reveal(_, { done }) {
    const timer = setTimeout(done);
    return () => clearTimeout(timer);
  }

  setInterval(tick, 500);
  tick();
  return { reveal };
}
