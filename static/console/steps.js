/* Shows one step of the editor at a time. Without a script all of them stand below each other. */
export function init(form) {
  const sections = [...form.querySelectorAll("section[data-step]")];
  const links = [...form.querySelectorAll(".steps a")];
  const next = document.querySelector("[data-next]");
  const memory = form.elements.step;

  const named = (hash) => {
    const target = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
    const section = target ? target.closest("section[data-step]") : null;
    return [section, target];
  };

  const show = (section) => {
    sections.forEach((each) => { each.hidden = each !== section; });
    links.forEach((link) => {
      if (link.hash === `#${section.id}`) link.setAttribute("aria-current", "step");
      else link.removeAttribute("aria-current");
    });
    memory.value = section.id;
    const following = sections[sections.indexOf(section) + 1];
    if (next) {
      next.hidden = !following;
      next.textContent = following ? `Next: ${links.find((link) => link.hash === `#${following.id}`).querySelector("b").textContent}` : "";
      next.dataset.target = following?.id ?? "";
    }
  };

  const follow = () => {
    const [section, target] = named(location.hash);
    if (!section) return;
    show(section);
    (target === section ? section : target).focus();
    if (target !== section) target.scrollIntoView({ block: "center" }); // what takes no focus is shown, too
  };

  const wrong = form.querySelector('[aria-invalid="true"], .odds-status--bad');
  const [asked] = named(location.hash);
  show(asked ?? sections.find((each) => each.id === form.dataset.step) ?? wrong?.closest("section[data-step]") ?? sections[0]);
  window.addEventListener("hashchange", follow);
  next?.addEventListener("click", () => { location.hash = next.dataset.target; });
  /* a link to the same hash again fires no event */
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash) follow();
  });
}

document.querySelectorAll("[data-editor]").forEach(init);
