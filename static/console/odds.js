/* The odds table while it is typed in: bar, sum in words, sliders, "Split evenly" and "Fix to 100%".
   The server does the same sums again when the form is sent, and its word counts. */
const SCALE = 1e6;
const toUnits = (text) => {
  const clean = text.trim().replace(/%$/, "").trim();
  return /^\d{1,10}(\.\d{1,6})?$/.test(clean) ? Math.round(Number(clean) * SCALE) : 0;
};
const toText = (units) => String(Number((units / SCALE).toFixed(6)));
const WHOLE = 100 * SCALE;

/* Splits `whole` in a ratio, by largest remainder, in hundredths of a percent. */
export function share(ratio, whole) {
  const total = ratio.reduce((sum, value) => sum + value, 0);
  const even = total === 0;
  const exact = ratio.map((value) => (whole * (even ? 1 : value)) / (even ? ratio.length : total));
  const step = SCALE / 100;
  const parts = exact.map((value) => Math.floor(value / step) * step);
  let left = Math.round((whole - parts.reduce((sum, value) => sum + value, 0)) / step);
  const order = exact.map((value, place) => [value - parts[place], place]).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  for (const [, place] of order) {
    if (left-- <= 0) break;
    parts[place] += step;
  }
  return parts;
}

export function words(total) {
  if (total === WHOLE) return "Adds up to 100%.";
  if (total < WHOLE) return `Adds up to ${toText(total)}%. ${toText(WHOLE - total)}% still to give out.`;
  return `Adds up to ${toText(total)}%. ${toText(total - WHOLE)}% too much.`;
}

const SVG = "http://www.w3.org/2000/svg";
const readRow = (row) => ({
  root: row,
  place: row.dataset.outcome,
  number: row.querySelector('input[name$=".chance"]'),
  name: row.querySelector('input[name$=".name"]'),
  lock: row.querySelector('input[name$=".locked"]'),
  occasion: row.querySelector('select[name$=".occasion"]'),
  chance: row.querySelector("[data-chance]"),
  slider: row.querySelector("[data-slider]"),
  unit: row.querySelector("[data-unit]"),
});

/* The outcomes of one occasion, whose chances make 100 together; a game without occasions has one lot. */
function lotOf(root, all, hasSeveral) {
  const bar = root.querySelector("[data-bar]");
  const status = root.querySelector("[data-status]");
  const isDrawn = "drawn" in root.dataset;
  const rows = () => all.filter((row) => row.root.closest("[data-lot]") === root);

  const draw = (own, values, total, percent) => {
    const whole = Math.max(total, percent ? WHOLE : 1);
    let start = 0;
    bar.replaceChildren(...own.flatMap((row, place) => {
      const width = (100 * values[place]) / whole;
      const rect = document.createElementNS(SVG, "rect");
      const text = document.createElementNS(SVG, "text");
      rect.setAttribute("class", `outcome-${row.place}`);
      rect.setAttribute("height", "28");
      rect.setAttribute("x", `${start}%`);
      rect.setAttribute("width", `${width}%`);
      text.setAttribute("x", `${start + width / 2}%`);
      text.setAttribute("y", "18");
      text.setAttribute("text-anchor", "middle");
      text.textContent = width >= 5 ? `${toText(Math.round((values[place] / (total || 1)) * 1000) * SCALE / 10)}%` : "";
      start += width;
      return [rect, text];
    }));
    bar.setAttribute("aria-label", `Shares: ${own.map((row) => `${row.name.value} ${row.number.value}${percent ? "%" : ""}`).join(", ")}`);
  };

  const say = (fits, said) => {
    if (status.textContent !== said) status.textContent = said;
    status.classList.toggle("odds-status--good", fits);
    status.classList.toggle("odds-status--bad", !fits);
    return [fits, said];
  };

  const update = (percent) => {
    const own = rows();
    const isAlone = hasSeveral && isDrawn && own.length === 1;
    const values = own.map((row) => (isAlone ? WHOLE : toUnits(row.number.value)));
    own.forEach((row, place) => {
      row.unit.textContent = percent ? "%" : "";
      row.slider.hidden = !percent;
      row.slider.value = String(values[place] / SCALE);
      row.slider.disabled = row.lock.checked;
      row.chance.hidden = isAlone || !isDrawn;
    });
    if (!isDrawn) return [true, ""];
    const total = values.reduce((sum, value) => sum + value, 0);
    draw(own, values, total, percent || isAlone);
    if (isAlone) return say(true, "Always.");
    if (hasSeveral && own.length === 0) return say(true, "Nothing is given for this.");
    if (percent) return say(total === WHOLE, words(total));
    const shown = share(values, WHOLE).map((value) => `${toText(value)}%`).join(" · ");
    return say(total > 0, total > 0 ? `These weights make ${shown}.` : "At least one outcome needs a chance above 0.");
  };

  const write = (own, values) => own.forEach((row, place) => { row.number.value = toText(values[place]); });
  return {
    update,
    rows,
    key: root.dataset.lot,
    label: hasSeveral ? `${root.querySelector("h3").textContent}: ` : "",
    take: (row) => root.querySelector("[data-rows]").append(row),
    split: () => { if (isDrawn) write(rows(), share(rows().map(() => 1), WHOLE)); },
    fix: () => {
      const own = rows();
      if (!isDrawn || (hasSeveral && own.length < 2)) return;
      const values = own.map((row) => toUnits(row.number.value));
      const free = own.map((row, place) => place).filter((place) => !own[place].lock.checked);
      const held = values.reduce((sum, value, place) => sum + (free.includes(place) ? 0 : value), 0);
      if (held > WHOLE || (held < WHOLE && free.length === 0)) throw new RangeError("What is locked does not leave room. Unlock an outcome first.");
      const parts = share(free.map((place) => values[place]), WHOLE - held);
      free.forEach((place, n) => { values[place] = parts[n]; });
      write(own, values);
    },
    complain: (said) => say(false, said),
  };
}

export function init(root) {
  const rows = [...root.querySelectorAll("[data-outcome]")].map(readRow);
  const places = [...root.querySelectorAll("[data-lot]")];
  const hasSeveral = places.some((place) => place.dataset.lot !== "");
  const lots = places.map((place) => lotOf(place, rows, hasSeveral));
  const form = root.closest("form");
  const launch = form.querySelector("[data-launch]");
  const reason = form.querySelector("[data-launch-reason]");
  const inPercent = () => root.querySelector('input[name="unit"]:checked').value === "percent";

  const update = () => {
    const wrong = lots.map((lot) => [lot, ...lot.update(inPercent())]).filter(([, fits]) => !fits);
    if (!launch) return;
    launch.disabled = wrong.length > 0;
    reason.textContent = wrong.length > 0 ? `${wrong[0][0].label}${wrong[0][2]}` : "";
  };

  const acts = {
    split: () => {
      root.querySelector('input[name="unit"][value="percent"]').checked = true;
      lots.forEach((lot) => lot.split());
      update();
    },
    fix: () => {
      const stuck = [];
      lots.forEach((lot) => {
        try { lot.fix(); } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          stuck.push([lot, error.message]);
        }
      });
      update();
      stuck.forEach(([lot, said]) => lot.complain(said));
    },
  };

  /* an outcome that is for something else now goes there; the keyboard stays on it */
  const move = (select) => {
    const lot = lots.find((each) => each.key === select.value);
    if (!lot) return;
    lot.take(select.closest("[data-outcome]"));
    select.focus();
  };

  /* fields that mean nothing beside the present choice step back, unless one of them is wrong */
  const settle = () => root.querySelectorAll("[data-when]").forEach((place) => {
    const [, name, sign, value] = place.dataset.when.match(/^(\w+)(!?=)(\w+)$/);
    const choice = place.closest("[data-outcome]").querySelector(`select[name$=".${name}"]`).value;
    place.hidden = (choice === value) !== (sign === "=") && !place.querySelector(".field--wrong");
  });

  rows.forEach((row) => {
    row.slider.addEventListener("input", () => { row.number.value = row.slider.value; update(); });
  });
  root.addEventListener("input", update);
  root.addEventListener("change", (event) => {
    if (event.target.name?.endsWith(".occasion")) move(event.target);
    settle();
    update();
  });
  root.addEventListener("click", (event) => {
    const act = acts[event.target.dataset?.do];
    if (!act || rows.length === 0) return;
    event.preventDefault();
    act();
  });
  settle();
  update();
}

document.querySelectorAll("[data-odds]").forEach(init);
