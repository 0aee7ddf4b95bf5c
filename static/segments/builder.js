/* Keeps the keyboard's place when htmx brings the rows anew, and tells the count that they changed. */
let place = null;

document.body.addEventListener("htmx:beforeRequest", (event) => {
  place = event.detail.elt.id || event.detail.elt.value || null;
});

document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id !== "rule") return;
  const [action, where] = String(place).split(":");
  const rule = event.detail.target;
  const same = place && document.getElementById(place);
  const last = (scope) => [...scope.querySelectorAll(".condition select")].filter((each) => each.id.endsWith("-kind")).at(-1);
  if (same) same.focus();
  else if (action === "add-row") last(rule.querySelector(`#${where}-match`).closest("fieldset")).focus();
  else if (action === "add-group") last(rule).focus();
  else rule.querySelector("#rule-title").closest("section").querySelector("select")?.focus();
  document.body.dispatchEvent(new CustomEvent("rows"));
});
