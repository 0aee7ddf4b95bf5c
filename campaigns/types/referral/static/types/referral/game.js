// The friends come in by themselves: the server draws the list anew when one has.

import { watch } from "../../player/live.js";

export function init() {
  watch();
  return {
    reveal(_, { done }) {
      setTimeout(done);
      return () => {};
    },
  };
}
