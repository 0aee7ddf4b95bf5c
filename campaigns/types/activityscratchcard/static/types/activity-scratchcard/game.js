// The scratch card that is earned: while it is locked the page waits for news; then it is rubbed away like any.

const locked = () => ({ reveal: (_, { done }) => setTimeout(done) && (() => {}) });

export function init(root) {
  if (!root.querySelector("[data-scratch]")) {
    import("../../player/live.js").then(({ watch }) => watch({ changed: () => location.reload() }));
    return locked();
  }
  const card = import("../scratchcard/game.js").then((game) => game.init(root));
  return {
    reveal(shown, how) {
      let end = null;
      card.then((game) => {
        end = game.reveal(shown, how);
      });
      return () => end?.();
    },
  };
}
