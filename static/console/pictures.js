/* Sends a picture as soon as it is chosen, so that one sees it at once, and the form need only carry its
   name. Without a script the file goes with the form. */
export function init(root) {
  const [name] = root.querySelectorAll("input[type=hidden]");
  const [file] = root.querySelectorAll("input[type=file]");
  const [remove] = root.querySelectorAll("input[type=checkbox]");
  const frame = root.querySelector(".picture__frame");
  const status = root.querySelector("[role=status]");
  const wrong = root.querySelector(".field__error");
  const { form } = file;
  let kept = name.value;
  let newest = 0;

  const change = (value) => {
    name.value = value;
    form.dispatchEvent(new Event("change"));
  };

  const refuse = (message) => {
    wrong.textContent = message;
    wrong.hidden = !message;
    root.classList.toggle("field--wrong", Boolean(message));
    file.toggleAttribute("aria-invalid", Boolean(message));
    if (message) file.setAttribute("aria-describedby", `${file.id}_helptext ${wrong.id}`);
  };

  const show = ({ name: made, address, width, height }) => {
    const image = frame.querySelector("img");
    Object.assign(image, { src: address, width, height, hidden: false });
    frame.className = `picture__frame${/-(light|dark)$/.test(made) ? ` picture__frame--${made.split("-").pop()}` : ""}`;
    remove.closest("label").hidden = false;
    remove.checked = false;
    status.textContent = `Kept as ${width} × ${height} pixels. Save to use it.`;
    kept = made;
    file.value = "";
    change(made);
  };

  const send = async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    const turn = newest += 1;
    refuse("");
    status.textContent = "Uploading…";
    const body = new FormData();
    body.append("use", root.dataset.picture);
    body.append("file", chosen);
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    let told = { message: "It could not be sent. Check the connection and choose it again." };
    try {
      told = await (await fetch(root.dataset.to, { method: "POST", body })).json();
    } catch { /* said below */ }
    if (turn !== newest) return; // another was chosen meanwhile
    status.textContent = "";
    if (told.success) show(told);
    else {
      file.value = ""; // it would be refused with the form again
      refuse(told.message);
    }
  };

  file.addEventListener("change", send);
  remove.addEventListener("change", () => {
    status.textContent = remove.checked ? "Save to take it away." : "";
    change(remove.checked ? "" : kept);
  });
}

document.querySelectorAll("[data-picture]").forEach(init);
