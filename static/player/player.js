// What every player page does: talks to the app, copies and shares. Games go on in game.js.

import { connect, copy } from "./bridge.js";

const body = document.body;
const find = (selector) => document.querySelector(selector);
const say = (text) => {
  find("[data-status]").textContent = text;
};
const bridge = connect({ user: body.dataset.user ?? null, origins: JSON.parse(body.dataset.origins) });

async function onClick(event) {
  const button = event.target.closest("[data-copy], [data-share], [data-deeplink], [data-close]");
  if (!button) return;
  const { dataset } = button;
  if ("close" in dataset) bridge.close();
  if ("deeplink" in dataset) {
    bridge.analytics("cta_interaction", {
      pageName: body.dataset.page, action: "OPEN_DEEPLINK", campaign_id: body.dataset.campaign ?? "not_available",
      component_name: button.textContent.trim(),
    });
    if (bridge.openDeepLink(button.getAttribute("href"))) event.preventDefault();
  }
  if ("share" in dataset && (await bridge.share(dataset.share)) === "copied") say(dataset.done);
  if (!("copy" in dataset) || !(await copy(dataset.copy))) return;
  button.textContent = dataset.done;
  say(dataset.said);
  if (!("reward" in dataset)) return; // a code by which friends are invited is no coupon
  bridge.analytics("coupon_code_interaction", {
    page_name: body.dataset.page, action: "copy", game_name: dataset.game || "not_available", value: dataset.copy,
    campaign_id: dataset.campaign || "not_available", reward_user_id: dataset.reward || "not_available",
  });
}

function arrive() {
  const close = find("[data-close]");
  if (close) close.hidden = !bridge.canClose();
  document.addEventListener("click", onClick);
  if ("embedded" in body.dataset) import("./embedded.js").then(({ start }) => start(bridge));
  let hidden = false;
  const painted = () => {
    if (!hidden) bridge.post("HIDE_LOADER");
    hidden = true;
  };
  requestAnimationFrame(() => requestAnimationFrame(painted));
  setTimeout(painted, 300); // a page that is not in view yet is never painted
  for (const [name, data] of JSON.parse(body.dataset.events)) {
    if (name === "ANALYTICS") bridge.analytics(data.event_name, data.event_properties);
    else bridge.post(name, data);
  }
}

async function play() {
  const [{ start }, module] = await Promise.all([import("./game.js"), import(body.dataset.game)]);
  start(module.init(find("[data-stage]")), { bridge, find, say });
}

async function takeOver() {
  arrive();
  if (body.dataset.game) await play();
  body.dataset.ready = ""; // until here the page's form works by itself
}

takeOver();
