/* When htmx brings the rows anew: keeps what was typed meanwhile and the keyboard's place, one answer
   after the other, and tells the count that they changed. */
const rule = () => document.getElementById("rule");
const inputs = () => [...rule().querySelectorAll("input[id], select[id], textarea[id]")];
const valueOf = (input) => (input.type === "checkbox" ? input.checked : input.value);

let asked = null; // what is away: the button or choice that was pressed, and what stood in the inputs then
let kept = null; // what an answer that is being put in place must not lose
const waiting = []; // what was pressed while an answer was away

document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target !== rule()) return;
  const pressed = event.detail.elt.id || event.detail.elt.value || "";
  if (asked) {
    event.preventDefault();
    waiting.push(pressed);
    return;
  }
  asked = { pressed, sent: new Map(inputs().map((input) => [input.id, valueOf(input)])) };
});

/* What this place is called once a row was removed: those below it move up. "" for what is gone. */
function renamed(text) {
  const [, group, row] = (/^remove:g(\d+)r(\d+)$/.exec(asked.pressed) ?? []).map(Number);
  const found = /^((?:add-row:|remove:)?)g(\d+)(?:r(\d+))?(.*)$/.exec(text);
  if (group === undefined || !found) return text;
  const [, before, ofGroup, ofRow, after] = found;
  const isLast = rule().querySelectorAll(`[id^="g${group}r"][id$="-kind"]`).length === 1;
  if (+ofGroup > group) return isLast ? `${before}g${ofGroup - 1}${ofRow ? `r${ofRow}` : ""}${after}` : text;
  if (+ofGroup < group || ofRow === undefined || +ofRow < row) return text;
  return +ofRow === row ? "" : `${before}g${ofGroup}r${ofRow - 1}${after}`;
}

document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target !== rule() || !asked) return;
  const changed = inputs().filter((input) => asked.sent.get(input.id) !== valueOf(input));
  const here = document.activeElement;
  kept = {
    typed: changed.map((input) => [renamed(input.id), valueOf(input)]),
    waiting: waiting.splice(0).map(renamed).filter(Boolean),
    isElsewhere: here !== document.body && !rule().contains(here),
    focused: rule().contains(here) && here.id ? { id: renamed(here.id), start: here.selectionStart, end: here.selectionEnd } : null,
  };
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

/* A new row gets the focus, unless one went on meanwhile; else it stays where it was, or was pressed. */
function place(pressed) {
  const [action, where] = pressed.split(":");
  const wentOn = document.getElementById(kept.focused?.id);
  if (wentOn) return wentOn;
  if (action === "add-row") return lastRow(document.getElementById(`${where}-match`).closest("fieldset"));
  if (action === "add-group") return lastRow(rule());
  return document.getElementById(pressed) ?? rule().querySelector("select");
}

/* At once, not when all has settled: a key that is pressed between would be lost. */
document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target !== rule() || !kept) return;
  const { typed, focused, isElsewhere, waiting: next } = kept;
  typed.forEach(putBack);
  if (!isElsewhere) {
    const there = place(asked.pressed);
    there?.focus();
    // a number's input has no selection
    if (there?.id === focused?.id && focused?.start != null) there.setSelectionRange(focused.start, focused.end);
  }
  kept = null;
  waiting.push(...next);
});

function press(name) {
  const element = document.getElementById(name) ?? rule().querySelector(`button[value="${CSS.escape(name)}"]`);
  if (element?.matches("button")) element.click();
  else element?.dispatchEvent(new Event("change", { bubbles: true }));
}

document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.target !== rule()) return;
  asked = kept = null;
});

document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target !== rule()) return;
  document.body.dispatchEvent(new CustomEvent("rows"));
  waiting.splice(0).forEach(press);
});
