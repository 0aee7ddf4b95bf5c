// The card has nothing to press: the server draws it anew when a stamp has come.

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
