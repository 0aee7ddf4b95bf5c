// The app around the page. Every message is one JSON text: iOS stops an app that gets anything else.

function frames(origins) {
  // where the parent is: told by the browser or, failing that, by the address that framed us
  let origin = window.location.ancestorOrigins?.[0];
  if (!origin && document.referrer) origin = new URL(document.referrer).origin;
  if (origins.includes("*")) return [origin && origin !== "null" ? origin : "*"];
  const known = [window.location.origin, ...origins];
  if (!origin) return known;
  return known.includes(origin) ? [origin] : [];
}

// How to reach the app, tried in this order; null in a plain browser.
function transport(origins) {
  const ios = window.webkit?.messageHandlers?.callback;
  if (ios) return (text) => ios.postMessage(text);
  if (window.app?.callback) return (text) => window.app.callback(text);
  const reactNative = window.ReactNativeWebView;
  if (reactNative) return (text) => reactNative.postMessage(text);
  if (window.parent === window) return null;
  return (text) => frames(origins).forEach((origin) => window.parent.postMessage(text, origin));
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea"); // old web views, and pages without https
    area.value = text;
    area.className = "quiet-live";
    area.setAttribute("aria-hidden", "true");
    const focused = document.activeElement;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    focused?.focus();
    return copied;
  }
}

const asked = new Map();

window.sdkCallback = (message) => {
  const { data } = typeof message === "string" ? JSON.parse(message) : message;
  asked.get(data?.requestId)?.(data);
  asked.delete(data?.requestId);
};

export function connect({ user, origins }) {
  function post(eventName, data = null) {
    const send = transport(origins);
    if (send) send(JSON.stringify({ user_id: user, eventName, data }));
    return Boolean(send);
  }
  return {
    post,
    ask: (eventName) =>
      new Promise((done) => {
        const requestId = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
        asked.set(requestId, done);
        if (!post(eventName, { requestId })) window.sdkCallback({ data: { requestId } });
      }),
    canClose: () => Boolean(transport(origins)) || history.length > 1,
    close: () => post("CLOSE") || history.back(),
    analytics: (event_name, event_properties) =>
      post("ANALYTICS", { timestamp: new Date().toISOString(), event_name, event_properties }),
    // the app opens its own schemes, the SDK opens web pages; every value is text
    openDeepLink: (deepLink) =>
      post("OPEN_DEEPLINK", {
        deepLink,
        isHandledByCG: deepLink.startsWith("https:") ? "true" : "false",
        closeOnDeepLink: "true",
        closeOnDeeplink: "true",
      }),
    // gives "shared", "copied" or "" if the person thought better of it
    async share(text) {
      if (post("SHARE", { channelName: "OTHERS", text, image: "" })) return "shared";
      if (!navigator.share) return (await copy(text)) ? "copied" : "";
      try {
        await navigator.share({ text });
        return "shared";
      } catch {
        return "";
      }
    },
  };
}
