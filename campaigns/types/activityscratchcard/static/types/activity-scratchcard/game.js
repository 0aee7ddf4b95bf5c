// The scratch card that is earned: while it is locked the page waits for news; then it is rubbed away like any.

import { watch } from "../../player/live.js";
import { init as scratch } from "../scratchcard/game.js";

export function init(root) {
  if (root.querySelector("[data-scratch]")) return scratch(root);
  watch({ changed: () => location.reload() });
  return { reveal: (_, { done }) => setTimeout(done) && (() => {}) };
}
