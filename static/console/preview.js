/* Keeps the phone beside the editor in step with what is typed. Without a script its buttons show the page. */
const PAUSE = 400; // milliseconds without a key

export function init(root) {
  const buttons = [...root.querySelectorAll("button")];
  const { form } = buttons[0];
  let [pressed] = buttons;
  let frame = root.querySelector("iframe");
  let count = 0;
  let timer = 0;

  /* each page loads in a frame of its own, so that it is no step to go back to; an answer without
     a page fires no event, and the one before it stays */
  const show = () => {
    const next = frame.cloneNode();
    next.name = `preview-${count += 1}`;
    next.hidden = true;
    root.querySelectorAll("iframe[hidden]").forEach((each) => each.remove());
    frame.after(next);
    setTimeout(() => {
      if (!next.isConnected) return;
      next.addEventListener("load", () => {
        frame.remove();
        next.hidden = false;
        frame = next;
      }, { once: true });
      pressed.formTarget = next.name;
      form.requestSubmit(pressed);
    });
  };

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE);
  };

  buttons.forEach((button) => button.addEventListener("click", (event) => {
    event.preventDefault();
    pressed = button;
    buttons.forEach((each) => each.setAttribute("aria-pressed", String(each === button)));
    show();
  }));
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("click", (event) => { if (event.target.dataset?.do) later(); });
  show();
}

document.querySelectorAll("[data-preview]").forEach(init);
