// The queue with JavaScript: what happens elsewhere appears in its line, everything has a key, and nothing moves under a cursor.
// Every sentence stands on the page; the keys are the list that help shows.
(() => {
  const root = document.getElementById("queue");
  if (!root || root.dataset.ready) return;
  root.dataset.ready = "yes";
  root.classList.add("scripted");
  const $ = (id) => document.getElementById(id);
  const { listen, signIn, silence } = window.leakwatchLive;
  const form = $("deciding"), acts = $("acts"), keys = $("keys");
  const lines = () => [...$("lines").children];
  const ticked = () => lines().filter((line) => line.firstElementChild.checked);
  const panels = () => [...acts.querySelectorAll("details")];
  const open = () => panels().find((panel) => panel.open);
  let here = null; // the id of the line last focused
  let meant = []; // [id, version] of the lines a panel was opened for, as they were then
  let beforePanel = null;

  const line = () => (here && $(here)) || null;
  const link = (one) => one && one.querySelector("a");
  const focusOn = (one) => { const at = link(one); if (at) { at.focus({ preventScroll: true }); one.scrollIntoView({ block: "nearest" }); } };

  document.addEventListener("focusin", (event) => {
    const one = event.target.closest && event.target.closest(".line");
    if (!one) return;
    here = one.id;
    lines().forEach((other) => other.classList.toggle("at", other === one));
  });

  // ---- what is chosen

  function chosenNow() {
    const some = ticked();
    return (some.length ? some : line() ? [line()] : []).map((one) => [one.id, one.dataset.version]);
  }

  function sayChosen() {
    const some = ticked().length, panel = open();
    const all = form.elements.all;
    if (!some) all.checked = false;
    $("chosen").textContent = all.checked ? "" : some ? root.dataset.chosen.replace("#", some) : root.dataset.this;
    acts.classList.toggle("shown", Boolean(some || panel));
    acts.classList.toggle("some", Boolean(some));
  }

  form.addEventListener("change", sayChosen);
  // "toggle" comes a moment after the panel opened: by then somebody may be typing already.
  let prepared = null;
  function prepare(panel) {
    prepared = panel;
    beforePanel = here;
    meant = chosenNow();
    const radio = panel.querySelector("input[type=radio]");
    const first = radio && !panel.querySelector(":checked") ? radio : panel.querySelector("input:not([type=radio]), button");
    sayChosen();
    first.focus();
  }

  panels().forEach((panel) => panel.addEventListener("toggle", () => {
    if (panel.open && prepared !== panel) prepare(panel);
    if (!panel.open && prepared === panel) prepared = null;
    sayChosen();
  }));

  function openPanel(name) {
    if (!chosenNow().length && !form.elements.all.checked) return;
    const panel = panels().find((one) => one.dataset.act === name);
    panels().forEach((one) => { one.open = one === panel; });
    prepare(panel);
  }

  function leave() {
    const panel = open();
    if (panel) { panel.open = false; say(""); focusOn($(beforePanel) || line()); return; }
    const some = ticked();
    some.forEach((one) => { one.firstElementChild.checked = false; });
    sayChosen();
    if (!some.length && document.activeElement) document.activeElement.blur();
  }

  function say(problem) {
    const place = $("refused");
    place.hidden = !problem;
    place.className = problem ? "problem" : "";
    if (problem) place.setAttribute("role", "alert"); else place.removeAttribute("role");
    place.textContent = problem;
    if (problem) acts.classList.add("shown");
  }

  // ---- what the server says

  // alone: the page asks by itself, which keeps nobody signed in.
  async function ask(address, body, alone = false) {
    let answer;
    try {
      answer = await fetch(address, { method: body ? "POST" : "GET", body, headers: { "HX-Request": "true", ...(alone && { "X-By-Itself": "1" }) }, redirect: "follow" });
    } catch { silence(true); return null; }
    silence(false);
    if (answer.headers.get("HX-Redirect")) { location.assign(answer.headers.get("HX-Redirect")); return null; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return { ok: answer.ok, page };
  }

  // In the place of what has the same id. Focus stays where it is; so do ticks, but not on what somebody else changed.
  function put(one, mine) {
    const old = $(one.id);
    if (!old) return null;
    const inside = old.contains(document.activeElement) ? document.activeElement : null;
    const which = inside && (inside.id ? `#${CSS.escape(inside.id)}` : inside.matches("input") ? "input" : "a");
    const box = old.querySelector("input[name=one]");
    const fresh = document.importNode(one, true);
    if (box && box.checked && (mine || old.dataset.version === one.dataset.version)) fresh.querySelector("input[name=one]").checked = true;
    if (old.classList.contains("at")) fresh.classList.add("at");
    old.replaceWith(fresh);
    if (which) { const at = fresh.querySelector(which); if (at) at.focus({ preventScroll: true }); }
    return fresh;
  }

  // What was done stands in the address, so that it can be taken back after the page was loaded anew.
  function keep() {
    const done = $("toast").querySelector("[name=bulk]"), asked = new URLSearchParams(location.search);
    ["done", "left"].forEach((name) => asked.delete(name));
    if (done) asked.set("done", done.value);
    history.replaceState(history.state, "", `/alerts?${asked}`);
  }

  // Words for as long as something takes that takes long; they go when it is over.
  function slowly(words) {
    const place = document.createElement("p");
    place.className = "toast";
    place.textContent = words;
    const timer = setTimeout(() => $("toast").append(place), 400);
    return () => { clearTimeout(timer); place.remove(); };
  }

  let fading = null;
  function around(page) {
    ["tabs", "graves", "everything", "toast"].forEach((id) => { const one = page.getElementById(id); if (one) put(one); });
    if (page.getElementById("toast")) {
      keep();
      clearTimeout(fading);
      fading = setTimeout(function fade() {
        if ($("toast").matches(":hover, :focus-within")) fading = setTimeout(fade, 5000);
        else $("toast").classList.add("spent"); // its key still works
      }, 20000);
    }
    const news = page.getElementById("news");
    if (news && $("news").dataset.count !== news.dataset.count) put(news);
    older();
  }

  // Lines as they are now. mine: what I did myself, so that what is done goes away.
  function apply(page, mine) {
    const at = lines().indexOf(line());
    let gone = false;
    page.querySelectorAll("#fresh > li").forEach((one) => {
      const old = $(one.id);
      if (!old) return;
      if (mine && one.classList.contains("gone")) { gone ||= old.contains(document.activeElement); old.remove(); return; }
      const changed = old.dataset.version !== one.dataset.version;
      if (!changed && old.classList.contains("gone") === one.classList.contains("gone") && old.textContent === one.textContent) return;
      const fresh = put(one, mine);
      if (changed && !mine) fresh.classList.add("touched");
    });
    around(page);
    if (gone) focusOn(lines()[Math.min(at, lines().length - 1)]);
    if (mine && !lines().length) refresh();
    sayChosen();
  }

  // The whole list anew, with the same lines chosen and the same thing focused.
  async function refresh(alone = false) {
    const told = await ask(location.href, undefined, alone);
    if (!told || !told.ok) return;
    const chosen = new Set(ticked().map((one) => one.id)), fresh = told.page.getElementById("lines");
    const inside = document.activeElement.closest(".line") ? here : null;
    $("lines").replaceWith(document.importNode(fresh, true));
    lines().forEach((one) => { one.firstElementChild.checked = chosen.has(one.id); });
    const empty = form.querySelector(".empty"), none = told.page.querySelector("#deciding .empty");
    if (empty) empty.remove();
    if (none) $("lines").before(document.importNode(none, true));
    acts.hidden = !lines().length;
    const news = told.page.getElementById("news");
    if (news) put(news);
    ["tabs", "graves", "everything"].forEach((id) => put(told.page.getElementById(id)));
    if (inside && $(inside)) focusOn($(inside));
    root.dataset.happened = told.page.getElementById("queue").dataset.happened;
    ["newest", "happened"].forEach((name) => { form.elements[name].value = told.page.querySelector(`#deciding [name=${name}]`).value; });
    sayChosen();
  }

  async function look() {
    const shown = lines().map((one) => one.id).join(","), known = { newest: form.elements.newest.value, happened: form.elements.happened.value };
    const told = await ask("/alerts/rows?" + new URLSearchParams({ look: root.dataset.look, shown, ...known }), undefined, true);
    if (!told || !told.ok) return;
    apply(told.page, false);
    if (Number($("news").dataset.count) && !busy()) await refresh(true);
  }

  // Whether something would move under somebody's hands.
  function busy() {
    return !root.dataset.first || scrollY > 80 || ticked().length || open() || keys.open || $("lines").matches(":hover")
      || Boolean(document.activeElement.closest(".line, #filter"));
  }

  // ---- deciding

  // Sent one after the other, so that the last one made is the one that can be taken back.
  let decided = Promise.resolve();

  // The next alert is at hand at once; if the answer is no, what was typed comes back.
  function decide(what, versions) {
    const panel = open(), body = new FormData(form), all = body.has("all");
    const some = versions || (panel && meant.length ? meant : chosenNow());
    if (!some.length && !all) return;
    ["one", "do"].forEach((name) => body.delete(name));
    body.set("do", what);
    some.forEach(([id, version]) => body.append("one", `${id}.${version}`));
    const mine = some.map(([id]) => $(id)).filter(Boolean), was = here, chosen = ticked();
    mine.forEach((one) => one.classList.add("pending"));
    chosen.forEach((one) => { one.firstElementChild.checked = false; });
    panels().forEach((one) => { one.open = false; });
    prepared = null;
    forget();
    say("");
    sayChosen();
    $("toast").replaceChildren();
    focusOn(/^(note|assign)/.test(what) ? $(was) : following(mine));
    decided = decided.then(() => answered(body, some, panel, chosen, was)).catch(console.error);
  }

  async function answered(body, some, panel, chosen, was) {
    const over = slowly(root.dataset.doing);
    const told = await ask("/alerts/act", body);
    over();
    some.forEach(([id]) => { if ($(id)) $(id).classList.remove("pending"); });
    if (!told || !told.ok) { comeBack(told, panel, body, some, chosen, was); return; }
    apply(told.page, true);
    if (body.has("all")) await refresh();
  }

  function following(mine) {
    const all = lines(), from = Math.max(...mine.map((one) => all.indexOf(one)));
    return all.slice(from + 1).find((one) => !mine.includes(one)) || all.slice(0, from + 1).reverse().find((one) => !mine.includes(one)) || line();
  }

  function comeBack(told, panel, body, some, chosen, was) {
    const why = told && told.page.querySelector("[role=alert]");
    if (told) apply(told.page, false);
    const words = body.get("reason") || body.get("note") || body.get("assignee") || "";
    if (open()) { say(`${why ? why.textContent : ""} ${words && `“${words}”`}`); return; }
    chosen.forEach((one) => { if ($(one.id)) $(one.id).firstElementChild.checked = true; });
    form.elements.all.checked = body.has("all");
    ["reason", "note", "assignee"].forEach((name) => { form.elements[name].value = body.get(name) || ""; });
    form.querySelectorAll("[name=resolution]").forEach((one) => { one.checked = one.value === body.get("resolution"); });
    here = was;
    lines().forEach((one) => one.classList.toggle("at", one.id === was));
    if (panel) { panel.open = true; prepare(panel); } else focusOn($(was));
    meant = some.map(([id, version]) => [id, $(id) ? $(id).dataset.version : version]);
    say(why ? why.textContent : "");
    sayChosen();
  }

  function forget() {
    ["reason", "note", "assignee"].forEach((name) => { form.elements[name].value = ""; });
    form.querySelectorAll("[name=resolution]").forEach((one) => { one.checked = false; });
    form.elements.all.checked = false;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const by = event.submitter, panel = open();
    const own = panel && panel.querySelector("button.primary");
    decide(by && by.value ? by.value : own ? own.value : "");
  });

  document.addEventListener("submit", async (event) => {
    if (!event.target.matches("#toast form")) return;
    event.preventDefault();
    const undo = event.target.querySelector("button");
    if (undo.disabled) return;
    undo.disabled = true;
    const over = slowly(root.dataset.undoing);
    const told = await ask(event.target.action, new FormData(event.target));
    over();
    undo.disabled = false;
    if (!told) return;
    if (!told.ok) { const why = told.page.querySelector("[role=alert]"); say(why ? why.textContent : ""); return; }
    apply(told.page, true);
    await refresh();
  });

  // ---- keys: the list that help shows is the list that counts

  const bound = new Map();
  keys.querySelectorAll("[data-keys]").forEach((one) => one.dataset.keys.split("|").forEach((key) => { if (one.dataset.do) bound.set(key, one.dataset.do); }));
  const step = (by) => {
    const all = lines(), at = all.indexOf(line());
    if (all.length) focusOn(all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))]);
  };
  const follow = (id) => { const one = $(id); if (one) one.click(); return Boolean(one); };
  const button = (value) => acts.querySelector(`button[value=${value}]`);
  const doing = {
    next: () => step(1), previous: () => step(-1),
    choose: () => { const one = line(); if (one) { one.firstElementChild.checked = !one.firstElementChild.checked; sayChosen(); } },
    all: () => { const none = ticked().length < lines().length; lines().forEach((one) => { one.firstElementChild.checked = none; }); sayChosen(); },
    everything: () => { const none = !form.elements.all.checked; lines().forEach((one) => { one.firstElementChild.checked = none; }); form.elements.all.checked = none; sayChosen(); },
    mine: () => decide("assign:me"), nobodys: () => decide("assign:nobody"),
    menu: (name) => { const menu = $("filter").elements[name]; if (menu) menu.focus(); }, toggle: (name) => $("filter").elements[name].click(),
    older: () => follow("older"), newer: () => follow("newer") || follow("first"), clear: () => follow("clear"), grave: (one) => follow(`grave-${one}`),
    go: (look) => location.assign(look ? `/alerts?${look}` : "/alerts"),
    acknowledge: () => decide("acknowledge"), reopen: () => button("reopen") && decide("reopen"),
    snooze: () => openPanel("snooze"), resolve: () => openPanel("resolve"), assign: () => openPanel("assign"), note: () => openPanel("note"),
    undo: () => decided.then(() => { const one = document.querySelector("#toast button"); if (one) one.click(); }),
    search: () => { $("q").focus(); $("q").select(); },
    news: () => refresh(), leave, keys: () => keys.showModal(),
  };
  let before = "", until = 0;

  function digit(key) {
    const panel = open();
    const one = panel && panel.querySelector(`[data-digit="${key}"]`);
    if (!one) return false;
    one.click();
    if (one.type === "radio") { const next = panel.querySelector("[name=reason]"); next.focus(); }
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const at = event.target;
    const typing = at.matches("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])");
    if (event.key === "Escape" && !keys.open) { if (typing && !open()) at.blur(); else leave(); event.preventDefault(); return; }
    if (typing || keys.open) return;
    if (/^[1-9]$/.test(event.key) && digit(event.key)) { event.preventDefault(); return; }
    if (at.matches("[type=radio]") && event.key.startsWith("Arrow")) return;
    const named = event.shiftKey && /^[A-Z]$/.test(event.key) ? `Shift+${event.key.toLowerCase()}` : event.key;
    const two = before && Date.now() < until ? `${before} ${named}` : "";
    before = "";
    const what = bound.get(two) || bound.get(named);
    if (!what && [...bound.keys()].some((key) => key.startsWith(`${named} `))) { before = named; until = Date.now() + 1500; return; }
    if (!what || (open() && what !== "keys")) return;
    event.preventDefault();
    const colon = what.indexOf(":");
    if (colon < 0) doing[what](); else doing[what.slice(0, colon)](what.slice(colon + 1));
  });

  $("show-keys").hidden = false;
  $("show-keys").addEventListener("click", () => keys.showModal());
  keys.addEventListener("click", (event) => { if (event.target === keys) keys.close(); });

  // ---- time

  function older() {
    const [now, minutes, hours, days] = root.dataset.ages.split("|");
    document.querySelectorAll("#lines time").forEach((one) => {
      const passed = Math.floor((Date.now() - Date.parse(one.dateTime)) / 60000);
      one.textContent = passed < 1 ? now : passed < 60 ? minutes.replace("#", passed) : passed < 1440 ? hours.replace("#", Math.floor(passed / 60)) : days.replace("#", Math.floor(passed / 1440));
    });
  }
  setInterval(older, 20000);

  // ---- live

  let soon = null;
  function told(news, number) {
    root.dataset.happened = number;
    const shown = new Set(lines().map((one) => one.id));
    if (!news.many && !news.created && !news.changed.some((id) => shown.has(id)) && soon) return;
    clearTimeout(soon);
    soon = setTimeout(() => { soon = null; look(); }, 150);
  }
  $("reload").hidden = true;
  listen({ of: "alerts", after: () => root.dataset.happened, told, anew: (restored) => (restored ? refresh() : look()), over: signIn });
  sayChosen();
  older();
  if (!$("refused").hidden) acts.classList.add("shown");
})();
