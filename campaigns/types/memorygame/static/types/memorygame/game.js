// The memory game: turns what the server has turned, walks by arrow keys, and lets the clock be seen.

const TURN_MS = 260;
const LAST_MS = 800; // the last pair stays in sight for a moment
const WARN_S = 20;
const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const turn = (card) => calm() || card.animate([{ transform: "rotateY(90deg)" }, { transform: "none" }], { duration: TURN_MS, easing: "ease-out" });

export function init(root) {
  let pressed = -1; // where the focus goes after the stage was drawn anew: a card, or another button
  let other = null;
  let lay = [];
  let clock = null; // the element, and when its time ends
  const cards = () => [...root.querySelectorAll("button[data-lies]")];

  // One card is in the order of the Tab key; arrows lead to the others.
  function rove(current) {
    cards().forEach((card, place) => { card.tabIndex = place === current ? 0 : -1; });
  }

  function go(place) {
    rove(place);
    cards()[place].focus();
  }

  function arrange() {
    const now = cards();
    now.forEach((card, place) => lay[place] && lay[place] !== card.dataset.lies && card.dataset.lies !== "matched" && turn(card));
    now.forEach((card, place) => lay[place] === "hidden" && card.dataset.lies === "matched" && turn(card));
    lay = now.map((card) => card.dataset.lies);
    rove(Math.max(pressed, 0));
  }

  function columns(all) {
    const beyond = all.findIndex((card) => card.offsetTop > all[0].offsetTop);
    return beyond < 0 ? all.length : beyond;
  }

  function onKey(event) {
    const all = cards();
    const place = all.indexOf(event.target);
    if (place < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const rows = columns(all);
    const forward = getComputedStyle(root).direction === "rtl" ? -1 : 1;
    const step = { Home: -place, End: all.length - 1 - place, ArrowDown: rows, ArrowUp: -rows }[event.key] ?? STEPS[event.key] * forward;
    if (Number.isNaN(step)) return;
    event.preventDefault();
    if (all[place + step]) go(place + step);
  }

  function onClick(event) {
    const button = event.target.closest("button");
    if (button?.getAttribute("aria-disabled") === "true") event.preventDefault();
    else if (button) [pressed, other] = [cards().indexOf(button), button.value];
  }

  function tick() {
    const shown = root.querySelector("[data-runs]");
    if (!shown) return;
    if (clock?.shown !== shown) clock = { shown, end: Date.now() + 1000 * shown.dataset.left };
    const left = Math.max(0, Math.round((clock.end - Date.now()) / 1000));
    shown.textContent = left;
    const said = root.querySelector("[data-warn]");
    if (left === WARN_S) said.textContent = said.dataset.warn;
    if (left > 0) return;
    said.textContent = said.dataset.up;
    said.classList.remove("quiet-live");
    delete shown.dataset.runs;
  }

  function moved() {
    arrange();
    tick();
    const next = root.querySelector("[data-focus]") ?? (pressed < 0 && root.querySelector(`[value="${other}"]`));
    if (next) return next.focus();
    cards()[Math.max(pressed, 0)].setAttribute("aria-describedby", "memo-said");
    return go(Math.max(pressed, 0));
  }

  // Only the last card is still hidden then, and its like lies open.
  function reveal({ result }, { done }) {
    const [last, open] = ["hidden", "open"].map((lies) => root.querySelector(`[data-lies=${lies}]`));
    if (result === "finished" && last && open) {
      last.innerHTML = open.innerHTML;
      for (const card of [last, open]) card.dataset.lies = "matched";
      turn(last);
    }
    const timer = setTimeout(done, result === "finished" ? LAST_MS : 0);
    return () => {
      clearTimeout(timer);
      done();
    };
  }

  root.addEventListener("keydown", onKey);
  root.addEventListener("click", onClick);
  setInterval(tick, 1000);
  arrange();
  tick();
  return { reveal, moved };
}
