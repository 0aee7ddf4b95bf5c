// One play on a game page: asks the server, lets the game show the answer, and loses nothing on the way.

const WAIT_MS = 15000;
const UNSKIPPABLE_MS = 600; // the second half of a double click must not end the motion

const body = document.body;
const isMove = (data) => !("playId" in data);

const store = {
  // private windows and framed pages may refuse any storage
  get(name) {
    try {
      return sessionStorage.getItem(name);
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      if (value === null) sessionStorage.removeItem(name);
      else sessionStorage.setItem(name, value);
    } catch {
      // then a reload shows how the play ended
    }
  },
};

function sounds(button) {
  let context = null;
  const on = () => button.getAttribute("aria-pressed") === "true";
  button.hidden = false;
  button.setAttribute("aria-pressed", String(store.get("glu:sound") === "on"));
  button.addEventListener("click", () => {
    const pressed = !on();
    button.setAttribute("aria-pressed", String(pressed));
    store.set("glu:sound", pressed ? "on" : null);
  });
  return () => {
    if (!on()) return;
    context = context ?? new (window.AudioContext ?? window.webkitAudioContext)();
    const [tone, volume, now] = [context.createOscillator(), context.createGain(), context.currentTime];
    tone.frequency.value = 880;
    volume.gain.setValueAtTime(0.06, now);
    volume.gain.exponentialRampToValueAtTime(0.0001, now + 0.05);
    tone.connect(volume).connect(context.destination);
    tone.start(now);
    tone.stop(now + 0.05);
  };
}

export function start(game, { bridge, find, say }) {
  const { visit, campaign } = body.dataset;
  const tick = game.ticks ? sounds(find("[data-sound]")) : null;
  const pending = `glu:turn:${visit}:${campaign}`; // two people may share a tab
  let busy = false;
  let before = null; // the page as it was when the connection went
  let end = null; // ends the motion at once
  let pressed = null; // the button that sends a form; older web views don't say

  function put(state, title, parts) {
    for (const [name, html] of Object.entries(parts)) find(name === "stage" ? "[data-stage]" : `[data-part="${name}"]`).innerHTML = html;
    body.dataset.state = state;
    // what people choose from lies outside of the form; it must not lead to nothing
    for (const choice of document.querySelectorAll("[form]")) choice.disabled = !/^(pristine|playing|in-progress)$/.test(state);
    document.title = title;
    find("[data-bar]").hidden = state !== "offline";
  }

  function showOwn(state, code = "") {
    const { content, dataset } = find(`template[data-screen="${state}"]`);
    const parts = { card: "" };
    for (const part of content.querySelectorAll("[data-own]")) parts[part.dataset.own] = part.innerHTML;
    if (state === "playing") delete parts.actions; // the button keeps the focus
    put(state, dataset.title, parts);
    if (code) find("[data-code]").textContent = code;
    if (state !== "playing") find("h1").focus();
  }

  function lose() {
    if (busy || body.dataset.state === "offline") return;
    find("[data-bar]").hidden = false;
    if (!store.get(pending)) {
      if (!/^(pristine|in-progress)$/.test(body.dataset.state)) return; // a result stays in sight, code and all
      before = { state: body.dataset.state, title: document.title, parts: {} };
      for (const part of document.querySelectorAll("[data-part]")) before.parts[part.dataset.part] = part.innerHTML;
    }
    showOwn("offline");
  }

  // Goes on with what was sent and never answered: the same key with the same choice.
  function resume() {
    const sent = store.get(pending);
    if (sent) play(...JSON.parse(sent));
    return sent;
  }

  function retry() {
    if (!navigator.onLine) return say(find("[data-bar]").textContent);
    if (resume()) return;
    if (!before) return location.reload();
    put(before.state, before.title, before.parts);
    before = null;
    return find("h1").focus();
  }

  async function send(key, action) {
    const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
    const address = new URL(body.dataset.play, location.href);
    const kept = new URLSearchParams(store.get(`glu:${visit}`) ?? "");
    if (kept.get("token")) headers.Authorization = `Bearer ${kept.get("token")}`;
    else kept.forEach((value, name) => address.searchParams.set(name, value));
    const control = new AbortController();
    const timer = setTimeout(() => control.abort(), WAIT_MS);
    try {
      const answer = await fetch(address, {
        method: "POST", headers, body: JSON.stringify({ action }), credentials: "same-origin", signal: control.signal,
      });
      return { status: answer.status, ...(await answer.json()) };
    } finally {
      clearTimeout(timer);
    }
  }

  function finish({ parts, state, title, data }) {
    end = null;
    busy = false;
    store.set(pending, null);
    body.dataset.fresh = "";
    find("[data-stage]").removeAttribute("aria-busy");
    put(state, title, parts);
    if (data && isMove(data) && game.moved) game.moved(data);
    else (parts.stage && find("[data-stage] [data-focus]") ? find("[data-stage] [data-focus]") : find("h1")).focus();
    if (state === "refused") bridge.post("REFRESH_TOKEN");
    if (!data) return;
    if (isMove(data)) return void bridge.ask("REFRESH_API_DATA"); // the app's own banners count steps
    bridge.analytics("GAME_PLAYED", {
      campaign_id: data.campaignId, campaign_type: body.dataset.type, reward_user_id: data.rewardUserId,
      won: data.won, outcome: data.outcome?.name ?? "not_available",
    });
  }

  function reveal(answer) {
    const here = new URLSearchParams(location.search);
    here.set("rewardUserId", answer.data.rewardUserId); // a reload shows this attempt again
    history.replaceState(null, "", `${location.pathname}?${here}`);
    const stop = game.reveal(answer.data.reveal, { tick, done: () => finish(answer) });
    const since = performance.now();
    end = () => performance.now() - since > UNSKIPPABLE_MS && stop();
  }

  async function play(key, action) {
    if (busy) return;
    if (!navigator.onLine) return lose();
    busy = true;
    store.set(pending, JSON.stringify([key, action]));
    delete body.dataset.fresh;
    const button = find("#play button"); // the main one; a game's own stay as they are
    const redrawn = "redrawn" in body.dataset;
    if (redrawn) find("[data-stage]").setAttribute("aria-busy", "true"); // a move is soon made
    else showOwn("playing");
    if (button) {
      button.setAttribute("aria-disabled", "true");
      if (!redrawn) button.textContent = find("h1").textContent;
    }
    try {
      const answer = await send(key, action);
      if (answer.status >= 500 || answer.error?.code === "play_in_progress" || !answer.parts) throw answer;
      if (answer.success && !isMove(answer.data)) reveal(answer);
      else finish(answer);
    } catch (failure) {
      busy = false;
      if (failure.status) showOwn("error", failure.error?.requestId?.slice(0, 8));
      else lose();
    }
  }

  // several fields of one name are a list
  function chosen(form) {
    const action = {};
    for (const each of form.elements) {
      const taken = /^(radio|checkbox)$/.test(each.type) ? each.checked : each.type !== "submit" || each === pressed;
      if (!taken || !each.name.startsWith("action.")) continue;
      const name = each.name.slice(7);
      action[name] = name in action ? [action[name], each.value].flat() : each.value;
    }
    return action;
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-play]");
    if (!form) return;
    event.preventDefault();
    play(form.elements.key.value, chosen(form));
  });
  document.addEventListener("click", (event) => {
    pressed = event.target.closest("button");
    if (end) end();
    else if (event.target.closest("[data-retry]")) retry();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && end?.());
  addEventListener("offline", lose);
  addEventListener("online", () => {
    find("[data-bar]").hidden = true;
    if (body.dataset.state === "offline") retry();
  });
  if (!navigator.onLine) lose();
  else resume();
}
