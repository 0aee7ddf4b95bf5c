// A page of things that are done elsewhere: looks now and then whether some of them have come in.

const FIRST_MS = 4000;
const LONGEST_MS = 60000;
const OPEN = /^(pristine|in-progress|completed)$/;
const PARTS = ["[data-part=head]", "[data-stage]", "[data-part=card]", "[data-part=actions]"];

const find = (selector, within = document) => within.querySelector(selector);
const seen = (page) => find("h1", page)?.textContent + find("[data-stage]", page)?.textContent.replace(/\s+/g, " ");

// The news take the place of what stood there; whoever is reading is told by the heading.
function show(page) {
  const to = find("body", page).dataset.state;
  const focused = document.activeElement?.closest("[data-stage], [data-part]");
  for (const part of PARTS) find(part).innerHTML = find(part, page).innerHTML;
  document.title = page.title;
  const isNew = document.body.dataset.state !== to;
  document.body.dataset.state = to;
  if (isNew || focused) find("h1").focus();
  if (!isNew) find("[data-status]").textContent = [find("h1"), find(".head__text")].map((each) => each?.textContent ?? "").join(". ");
  if (to === "won") document.body.dataset.fresh = "";
}

export function watch({ changed = show } = {}) {
  let wait = FIRST_MS;
  let timer = 0;
  const isIdle = () => document.hidden || !OPEN.test(document.body.dataset.state) || find("[data-stage][aria-busy]");

  async function look() {
    if (isIdle()) return plan();
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
      // our policy would complain of the style in its head, though the page is never shown as a whole
      const html = (await answer.text()).replace(/<style.*?<\/style>/gs, "");
      const page = new DOMParser().parseFromString(html, "text/html");
      // a page that refuses, or that was left meanwhile, says nothing of this one
      if (answer.ok && find("[data-stage]", page) && !isIdle() && seen(page) !== seen(document)) {
        wait = FIRST_MS;
        changed(page);
      }
    } catch {
      // offline: the page says so by itself
    }
    return plan();
  }
  function plan() {
    clearTimeout(timer);
    timer = setTimeout(look, wait);
    wait = Math.min(wait * 1.5, LONGEST_MS);
  }
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    wait = FIRST_MS; // whoever comes back has perhaps done something
    look();
  });
  plan();
}
