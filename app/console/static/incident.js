// Incidents with JavaScript: what happens elsewhere appears in its place, and everything has a key. Nothing that somebody types in,
// has opened or has ticked goes away under their hands. Every sentence stands on the page.
(() => {
  if (window.leakwatchIncidents) return;
  window.leakwatchIncidents = true;
  const { listen, signIn, silence } = window.leakwatchLive;
  const $ = (id) => document.getElementById(id);
  const root = () => $("incident") || $("incidents");
  const all = (where, what) => [...where.querySelectorAll(what)];

  // While an answer to this page's own form is on its way, or leads elsewhere, nothing else does.
  let asking = 0;
  document.addEventListener("htmx:beforeRequest", () => { asking += 1; });
  document.addEventListener("htmx:afterRequest", (event) => { if (!event.detail.xhr.getResponseHeader("HX-Redirect")) asking -= 1; });

  // ---- live: only what is different is put in its place

  async function refresh() {
    let answer;
    try {
      answer = await fetch(location.pathname + location.search, { headers: { "HX-Request": "true", "X-By-Itself": "1" } });
    } catch { silence(true); return; }
    silence(false);
    const away = answer.headers.get("HX-Redirect");
    if (away) { if (!asking && !typing()) location.assign(away); return; }
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    all(root(), "[data-live]").forEach((old) => { const fresh = page.getElementById(old.id); if (fresh) put(old, fresh); });
    draw(page.getElementById("drawing"));
    const now = page.getElementById(root().id);
    if (now) root().dataset.happened = now.dataset.happened;
  }

  // The drawing may be large: it comes with the page, or after it.
  async function draw(fresh) {
    const old = $("drawing");
    if (!old || !fresh || old.dataset.drawn === fresh.dataset.drawn) return;
    old.dataset.drawn = fresh.dataset.drawn;
    let svg = fresh.querySelector(".sheet, svg");
    if (!svg) {
      const answer = await fetch(fresh.dataset.from, { headers: { "HX-Request": "true", "X-By-Itself": "1" } });
      svg = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".sheet, .drawing svg");
    }
    if (!svg) return;
    const inside = old.contains(document.activeElement) && where(document.activeElement);
    old.replaceChildren(document.importNode(svg, true));
    const again = inside && (old.querySelector(inside) || old);
    if (again) again.focus({ preventScroll: true });
  }

  // What is pointed at is told, and the way on which it came, with where it went on to, stands out.
  function point(mark) {
    const told = $("pointed"), drawing = $("drawing");
    all(drawing, ".on").forEach((one) => one.classList.remove("on"));
    drawing.classList.toggle("lit", Boolean(mark));
    const ways = mark ? [mark, ...all(drawing, `[data-b="${mark.dataset.m}"]`)] : [];
    if (told) { told.classList.toggle("says", Boolean(mark)); told.textContent = ways.map((one) => one.querySelector("title").textContent).join("\n") || told.dataset.hint; }
    if (!mark) return;
    const on = new Set([mark.dataset.m]), after = all(drawing, `[data-a="${mark.dataset.m}"]`);
    for (const number of on) {
      all(drawing, `[data-b="${number}"]`).forEach((way) => { way.classList.add("on"); on.add(way.dataset.a); });
    }
    after.forEach((way) => { way.classList.add("on"); on.add(way.dataset.b); });
    all(drawing, "[data-m]").forEach((one) => one.classList.toggle("on", on.has(one.dataset.m)));
  }

  function among(event) {
    const marks = all($("drawing"), "a[data-m]"), at = marks.indexOf(document.activeElement);
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (at < 0 && event.key !== "Enter" || at >= 0 && !by) return false;
    const to = marks[at < 0 ? 0 : Math.max(0, Math.min(marks.length - 1, at + by))];
    if (to) to.focus();
    return Boolean(to);
  }

  ["pointerover", "focusin"].forEach((kind) => document.addEventListener(kind, (event) => {
    const drawing = $("drawing");
    if (!drawing) return;
    const mark = drawing.contains(event.target) && event.target.closest("[data-m]");
    if (mark || drawing.classList.contains("lit")) point(mark || null);
  }));

  function put(old, fresh) {
    const ticked = new Set(all(old, "input[type=checkbox]:checked").map((one) => one.value));
    const open = all(old, "details").map((one) => one.open);
    const mark = document.importNode(fresh, true);
    all(mark, "input[type=checkbox]").forEach((one) => { one.checked = ticked.has(one.value); });
    all(mark, "details").forEach((one, number) => { if (open[number]) one.open = true; });
    all(mark, "[autofocus]").forEach((one) => one.removeAttribute("autofocus"));
    if (old.textContent === mark.textContent && old.innerHTML.length === mark.innerHTML.length) return;
    const inside = old.contains(document.activeElement) ? document.activeElement : null;
    const place = inside && where(inside), scrolled = all(old, ".drawing, .scroll").map((one) => [one.scrollLeft, one.scrollTop]);
    const before = new Set(all(old, "li[id]").map((one) => one.id));
    if (before.size) all(mark, "li[id]").forEach((one) => { if (!before.has(one.id)) one.classList.add("touched"); });
    old.replaceWith(mark);
    if (window.htmx) window.htmx.process(mark);
    all(mark, ".drawing, .scroll").forEach((one, number) => { if (scrolled[number]) [one.scrollLeft, one.scrollTop] = scrolled[number]; });
    const again = place && mark.querySelector(place);
    if (again) again.focus({ preventScroll: true });
  }

  // How to find the same thing in what takes its place.
  function where(one) {
    if (one.id) return `#${CSS.escape(one.id)}`;
    if (one.matches("input")) return `input[value="${CSS.escape(one.value)}"]`;
    const leads = one.getAttribute("href");
    return leads ? `${one.localName}[href="${CSS.escape(leads)}"]` : one.matches(".drawing") ? ".drawing" : "summary";
  }

  function typing() {
    return all(document, "input:not([type=hidden], [type=checkbox], [type=radio]), textarea").some((one) => one.value !== one.defaultValue);
  }

  let soon = null;
  function told(news, number) {
    const mine = root().dataset.incident;
    root().dataset.happened = number;
    if (mine && !news.many && !news.changed.includes(mine)) return;
    if (!soon) soon = setTimeout(() => { soon = null; refresh(); }, 250);
  }

  // ---- keys

  const seen = (one) => one.checkVisibility ? one.checkVisibility() : one.offsetParent !== null;
  const writes = (one) => one.matches("textarea, select, input:not([type=radio], [type=checkbox])");

  function step(by) {
    const links = all(root(), "a[data-step]"), at = links.indexOf(document.activeElement);
    const to = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.max(0, Math.min(links.length - 1, at + by))];
    if (to) to.focus();
  }

  function press(one) {
    if (!one.matches("summary")) { if (writes(one)) one.focus(); else one.click(); return; }
    const panel = one.parentElement;
    panel.open = !panel.open;
    const first = panel.open ? panel.querySelector("input:not([type=hidden]), textarea, button") : one;
    first.focus();
  }

  function leave() {
    const panel = all(document, "details[open]").filter((one) => one.contains(document.activeElement)).pop();
    if (panel) { panel.open = false; panel.querySelector("summary").focus(); } else document.activeElement.blur();
  }

  document.addEventListener("keydown", (event) => {
    if (!root() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || $("keys").open) return;
    const drawing = $("drawing");
    if (drawing && (event.target === drawing || event.target.closest("#drawing [data-m]"))) {
      if (event.key === "Escape" && event.target !== drawing) { drawing.focus(); event.preventDefault(); return; }
      if (among(event)) { event.preventDefault(); return; }
    }
    if (event.key === "Escape") { leave(); event.preventDefault(); return; }
    if (writes(event.target)) return;
    const line = event.target.closest && event.target.closest("li");
    const box = line && line.querySelector("input[name=one]");
    if (event.key === "j" || event.key === "ArrowDown" && line) step(1);
    else if (event.key === "k" || event.key === "ArrowUp" && line) step(-1);
    else if (event.key === "y" && box) box.checked = !box.checked;
    else {
      const one = all(root(), "[data-key]").find((other) => seen(other) && other.dataset.key === event.key);
      if (!one) return;
      press(one);
    }
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("#show-keys")) $("keys").showModal();
    else if (event.target === $("keys")) $("keys").close();
  });

  function prepare() {
    const shown = $("show-keys");
    if (shown) shown.hidden = false;
    if (root()) root().classList.add("scripted");
    if ($("pointed") && !$("pointed").textContent) $("pointed").textContent = $("pointed").dataset.hint;
  }

  document.addEventListener("htmx:afterSwap", prepare);
  prepare();
  if (root()) listen({ of: "incidents", after: () => root().dataset.happened, told, anew: () => refresh(), over: () => { if (!typing()) signIn(); } });
})();
