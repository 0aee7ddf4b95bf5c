/* Copy buttons: shown only where there is a script to make them work. */
export function init(button) {
  const field = document.getElementById(button.dataset.copy);
  if (!field || !navigator.clipboard) return;
  const words = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value ?? field.textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = words; }, 2000);
  });
}

const offer = (root) => root.querySelectorAll("[data-copy]").forEach(init);

offer(document);
// a live part that was drawn anew brings new buttons
document.addEventListener("refreshed", (event) => offer(event.target));
