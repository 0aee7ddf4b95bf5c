/* Sends a picture as soon as its file is chosen, and writes its address into the field beside it. Without a
   script the file goes with the form. The rows of questions come and go, so the form listens for all of them. */
export async function send(root, file, form) {
  const [address] = root.querySelectorAll("input:not([type=file])");
  const status = root.querySelector("[role=status]");
  const body = new FormData();
  body.append("use", root.dataset.chosen);
  body.append("file", file.files[0]);
  body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  status.textContent = "Uploading…";
  let told = { message: "It could not be sent. Check the connection and choose it again." };
  try {
    told = await (await fetch(form.dataset.pictures, { method: "POST", body })).json();
  } catch { /* said below */ }
  file.value = "";
  status.textContent = told.success ? "Uploaded. Save to use it." : told.message;
  if (!told.success) return;
  address.value = told.address;
  const image = root.querySelector("img") ?? root.insertBefore(new Image(), address);
  Object.assign(image, { src: told.address, alt: "", className: "chosen__shown" });
  form.dispatchEvent(new Event("change"));
}

document.querySelectorAll("[data-pictures]").forEach((form) => form.addEventListener("change", (event) => {
  const file = event.target;
  const root = file.type === "file" && file.closest("[data-chosen]");
  if (root && file.files.length) send(root, file, form);
}));
