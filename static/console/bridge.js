// The app's side of the bridge: lists what the page sends, says whether an app could read it, and answers.

const isText = (value) => typeof value === "string";
const isWhole = (value) => Number.isInteger(value);
const isYesOrNo = (value) => value === "true" || value === "false"; // a truth value would stop an app on iOS

// What each message must carry, and what it makes an app do.
const KNOWN = {
  CLOSE: ["Closes the page", {}],
  HIDE_LOADER: ["Shows the page", {}],
  REFRESH_TOKEN: ["Gets a new token for the person", {}],
  OPEN_DEEPLINK: ["Opens a screen of the app", { deepLink: isText, isHandledByCG: isYesOrNo, closeOnDeepLink: isYesOrNo, closeOnDeeplink: isYesOrNo }],
  SHARE: ["Opens the share sheet", { channelName: isText, text: isText, image: isText }],
  ANALYTICS: ["Hands an event to the app's analytics", { event_name: isText, event_properties: (value) => value !== null && typeof value === "object" }],
  OPEN_CG_WEBVIEW: ["Opens another page over this one", {
    content: (value) => isText(value?.type) && isText(value.url) && isText(value.campaignId),
    container: (value) => isText(value?.type) && isWhole(value.absoluteHeight) && isWhole(value.relativeHeight),
    hidePrevious: isYesOrNo,
  }],
  DIMENSIONS_UPDATE: ["Gives the page this height", { height: (value) => typeof value === "number" }],
  CG_INVALID_CAMPAIGN_ID: ["Hears that a campaign is gone", { campaignId: isText, message: isText }],
  REQUEST_API_DATA: ["Answers with the rewards and programs it knows", { requestId: isText }],
  REFRESH_API_DATA: ["Loads rewards and programs anew, and answers", { requestId: isText }],
};

const find = (selector) => document.querySelector(selector);
const phone = find("[data-phone]");
const list = find("[data-messages]");

function verdict(text, message) {
  if (!isText(text)) return "not a text: iOS would stop";
  if (!(message?.eventName in KNOWN)) return "unknown to apps";
  const [, parts] = KNOWN[message.eventName];
  const wrong = Object.keys(parts).filter((name) => !parts[name](message.data?.[name]));
  return wrong.length ? `wrong or missing: ${wrong.join(", ")}` : "";
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function show(text, message) {
  const row = find("template[data-message]").content.cloneNode(true);
  const problem = verdict(text, message);
  row.querySelector("[data-name]").textContent = message?.eventName ?? "?";
  row.querySelector("[data-verdict]").textContent = problem || "readable";
  row.querySelector("[data-verdict]").classList.add(problem ? "chip--bad" : "chip--good");
  row.querySelector("[data-effect]").textContent = KNOWN[message?.eventName]?.[0] ?? "";
  row.querySelector("[data-text]").textContent = isText(text) ? text : JSON.stringify(text);
  list.prepend(row);
  find("[data-none]").hidden = true;
}

// As iOS does: the answer names the question, and holds what the app keeps as text.
function answer({ eventName, data }) {
  if (!/^RE(QUEST|FRESH)_API_DATA$/.test(eventName)) return;
  const kept = JSON.stringify({ success: true, data: [] });
  const reply = { requestId: data.requestId, rewardsResponse: kept, programsResponse: kept };
  const name = eventName === "REQUEST_API_DATA" ? "REQUEST_API_RESULT" : "REFRESH_API_DATA_RESULT";
  phone.contentWindow.sdkCallback?.(JSON.stringify({ eventName: name, data: reply }));
}

if (phone) {
  addEventListener("message", (event) => {
    if (event.source !== phone.contentWindow) return;
    const message = isText(event.data) ? parsed(event.data) : null;
    show(event.data, message);
    if (message) answer(message);
  });
  find("[data-clear]").addEventListener("click", () => {
    list.replaceChildren();
    find("[data-none]").hidden = false;
  });
}
