/* When htmx brings the rows anew: keeps what was typed meanwhile and the keyboard's place, and tells
   the count that they changed. */
const rule = () => document.getElementById("rule");
const inputs = () => [...rule().querySelectorAll("input[id], select[id], textarea[id]")];
const valueOf = (input) => (input.type === "checkbox" ? input.checked : input.value);

let pressed = ""; // the button or choice that asked for the rows
let sent = new Map(); // what stood in the inputs then
let typed = new Map(); // what was changed since
let focused = null; // where the keyboard was, and its selection

document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target !== rule()) return;
  pressed = detail.elt.id || detail.elt.value || "";
  sent = new Map(inputs().map((input) => [input.id, valueOf(input)]));
});

document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target !== rule()) return;
  typed = new Map(inputs().map((input) => [input.id, valueOf(input)]).filter(([id, value]) => sent.get(id) !== value));
  const here = document.activeElement;
  const inside = rule().contains(here) && here.id;
  focused = inside ? { id: here.id, start: here.selectionStart, end: here.selectionEnd } : null;
});

function putBack([id, value]) {
  const input = document.getElementById(id);
  if (!input) return;
  if (input.type === "checkbox") input.checked = value;
  else input.value = value;
}

function lastRow(scope) {
  return [...scope.querySelectorAll("select")].filter((each) => /r\d+-kind$/.test(each.id)).at(-1);
}

/* A new row gets the focus; else it stays where it was, or where it was pressed. */
function place() {
  const [action, where] = pressed.split(":");
  if (action === "add-row") return lastRow(document.getElementById(`${where}-match`).closest("fieldset"));
  if (action === "add-group") return lastRow(rule());
  return document.getElementById(focused?.id) ?? document.getElementById(pressed) ?? rule().querySelector("select");
}

document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target !== rule()) return;
  [...typed].forEach(putBack);
  const there = place();
  there?.focus();
  // a number's input has no selection
  if (there?.id === focused?.id && focused?.start != null) there.setSelectionRange(focused.start, focused.end);
  document.body.dispatchEvent(new CustomEvent("rows"));
});
