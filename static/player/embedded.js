// A page within a strip of the app's own screen: asks for the height that it needs, and opens others over itself.

const OURS = "a[href^='/wallet/'], a[href^='/reward/'], a[href^='/program/']";

export function start(bridge) {
  let told = 0;
  new ResizeObserver(() => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (height !== told) bridge.post("DIMENSIONS_UPDATE", { height });
    told = height;
  }).observe(document.body);

  document.addEventListener("click", (event) => {
    const link = event.target.closest(OURS);
    if (!link) return;
    const campaignId = new URL(link.href).searchParams.get("campaignId") ?? "";
    const isOpen = bridge.post("OPEN_CG_WEBVIEW", {
      content: { type: campaignId ? "CAMPAIGN" : "WALLET", url: link.href, campaignId },
      container: { type: "full-default", absoluteHeight: 0, relativeHeight: 100 },
      hidePrevious: "false",
    });
    if (isOpen) event.preventDefault();
  });
}
