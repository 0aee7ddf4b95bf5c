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

export function init(root) {
  const rows = [...root.querySelectorAll("[data-outcome]")].map((row) => ({
    number: row.querySelector('input[name$=".chance"]'),
    name: row.querySelector('input[name$=".name"]'),
    lock: row.querySelector('input[name$=".locked"]'),
    slider: row.querySelector("[data-slider]"),
    unit: row.querySelector("[data-unit]"),
  }));
  const bar = root.querySelector("[data-bar]");
  const status = root.querySelector("[data-status]");
  const form = root.closest("form");
  const launch = form.querySelector("[data-launch]");
  const reason = form.querySelector("[data-launch-reason]");
  const inPercent = () => root.querySelector('input[name="unit"]:checked').value === "percent";

  const draw = (values, total) => {
    const all = Math.max(total, inPercent() ? WHOLE : 1);
    let start = 0;
    rows.forEach((row, place) => {
      const rect = bar.querySelectorAll("rect")[place];
      const text = bar.querySelectorAll("text")[place];
      const width = (100 * values[place]) / all;
      rect.setAttribute("x", `${start}%`);
      rect.setAttribute("width", `${width}%`);
      text.setAttribute("x", `${start + width / 2}%`);
      text.textContent = width >= 5 ? `${toText(Math.round((values[place] / (total || 1)) * 1000) * SCALE / 10)}%` : "";
      start += width;
    });
    bar.setAttribute("aria-label", `Shares: ${rows.map((row) => `${row.name.value} ${row.number.value}${inPercent() ? "%" : ""}`).join(", ")}`);
  };

  const update = () => {
    const values = rows.map((row) => toUnits(row.number.value));
    const total = values.reduce((sum, value) => sum + value, 0);
    const percent = inPercent();
    const fits = percent ? total === WHOLE : total > 0;
    const shown = share(values, WHOLE).map((value) => `${toText(value)}%`).join(" · ");
    const said = percent ? words(total) : fits ? `These weights make ${shown}.` : "At least one outcome needs a chance above 0.";
    if (status.textContent !== said) status.textContent = said;
    status.classList.toggle("odds-status--good", fits);
    status.classList.toggle("odds-status--bad", !fits);
    rows.forEach((row, place) => {
      row.unit.textContent = percent ? "%" : "";
      row.slider.hidden = !percent;
      row.slider.value = String(values[place] / SCALE);
      row.slider.disabled = row.lock.checked;
    });
    if (launch) {
      launch.disabled = !fits;
      reason.textContent = fits ? "" : said;
    }
    draw(values, total);
  };

  const write = (values) => {
    rows.forEach((row, place) => { row.number.value = toText(values[place]); });
    update();
  };

  const acts = {
    split: () => {
      root.querySelector('input[name="unit"][value="percent"]').checked = true;
      write(share(rows.map(() => 1), WHOLE));
    },
    fix: () => {
      const values = rows.map((row) => toUnits(row.number.value));
      const free = rows.map((row, place) => place).filter((place) => !rows[place].lock.checked);
      const held = values.reduce((sum, value, place) => sum + (free.includes(place) ? 0 : value), 0);
      if (held > WHOLE || (held < WHOLE && free.length === 0)) {
        status.textContent = "What is locked does not leave room. Unlock an outcome first.";
        return;
      }
      const parts = share(free.map((place) => values[place]), WHOLE - held);
      free.forEach((place, n) => { values[place] = parts[n]; });
      write(values);
    },
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
  root.addEventListener("change", () => { settle(); update(); });
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
