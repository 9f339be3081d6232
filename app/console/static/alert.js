// The page of an alert with JavaScript: a key for everything, the pictures laid over each other with a slider or in turn, the
// same detail pointed out on both, and what others do to the alert meanwhile. Every sentence stands on the page.
(() => {
  if (window.leakwatchAlert) return;
  window.leakwatchAlert = true;
  const TURN = 700; // milliseconds each picture is seen: less than one flash a second
  const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const $ = (id) => document.getElementById(id);
  const all = (root, what) => [...root.querySelectorAll(what)];
  const { listen, signIn, silence } = window.leakwatchLive;
  let turning = null;

  // ---- what only a script can do is shown when there is one

  function prepare() {
    const alert = $("alert");
    if (!alert || alert.dataset.ready) return;
    alert.dataset.ready = "yes";
    const keys = $("show-keys");
    if (keys) keys.hidden = false;
    clocks(alert);
  }

  // A match that came later too.
  function prepareMatches() {
    all(document, "#alert [data-match]:not([data-ready])").forEach((match) => {
      match.dataset.ready = "yes";
      all(match, ".ways, .pointing").forEach((one) => { one.hidden = false; });
      look(match, "side");
      if (match.matches("[tabindex]")) match.focus({ preventScroll: true });
    });
  }

  function clocks(place) {
    all(place, "[name=ahead]").forEach((field) => { field.value = String(-new Date().getTimezoneOffset()); });
    all(place, ".zone").forEach((zone) => { zone.hidden = true; });
  }

  // ---- what others do to it meanwhile

  // Whether somebody is deciding: what they chose or typed stays, and the server refuses what it was not meant for.
  function deciding() {
    const place = $("decide"), inside = place.contains(document.activeElement) ? document.activeElement : null;
    const changed = (field) => (field.type === "radio" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
    return Boolean(place.querySelector("details[open]")) || all(place, "textarea, input:not([type=hidden])").some(changed)
      || Boolean(inside && !inside.matches("h2"));
  }

  // The session ended. Whoever is writing learns of it when they send that, not in the middle of a word.
  function over() {
    if (!deciding()) signIn();
  }

  async function anew() {
    const shown = $("alert");
    let answer;
    try { answer = await fetch(shown.dataset.again, { headers: { "HX-Request": "true", "X-By-Itself": "1" } }); } catch { silence(true); return; }
    silence(false);
    if (answer.headers.get("HX-Redirect")) { over(); return; }
    if (!answer.ok) return;
    const now = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("alert");
    if (!now || shown !== $("alert") || now.dataset.last === shown.dataset.last) return;
    shown.dataset.last = now.dataset.last;
    const parts = ["about", "history"];
    if (!deciding()) parts.push("decide");
    parts.forEach((id) => put(now.querySelector(`#${id}`)));
    $("meanwhile").replaceChildren(...now.querySelector("#meanwhile").childNodes);
  }

  function put(fresh) {
    const old = $(fresh.id), inside = old.contains(document.activeElement), one = document.importNode(fresh, true);
    all(one, "[autofocus]").forEach((field) => field.removeAttribute("autofocus"));
    old.replaceWith(one);
    clocks(one);
    window.htmx.process(one);
    if (inside && one.querySelector("h2[tabindex]")) one.querySelector("h2[tabindex]").focus({ preventScroll: true });
  }

  let soon = null;
  function told(news, number) {
    const shown = $("alert");
    if (!shown) return;
    shown.dataset.listens = number;
    if (!news.many && !news.changed.includes(shown.dataset.alert)) return;
    clearTimeout(soon);
    soon = setTimeout(anew, 150);
  }

  // ---- comparing

  function look(match, how) {
    const over = match.querySelector("[data-overlaid]");
    if (!over) return;
    const again = match.dataset.look === how;
    clearInterval(turning);
    match.dataset.look = how;
    all(match, "[data-look]").forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.look === how)));
    over.querySelector(".slider").hidden = how !== "slide";
    over.querySelector(".which").hidden = how !== "blink";
    if (how === "slide") { cut(over); over.querySelector("input").focus({ preventScroll: true }); }
    if (how !== "blink") return;
    const shown = again && still() ? !over.classList.contains("under") : false;
    if (again && !still()) { look(match, "side"); return; } // the same key ends it
    turn(over, shown);
    if (!still()) turning = setInterval(() => turn(over, !over.classList.contains("under")), TURN);
  }

  function cut(over) {
    over.querySelector(".stack").style.setProperty("--cut", `${over.querySelector("input").value}%`);
  }

  function turn(over, registered) {
    const which = over.querySelector(".which");
    over.classList.toggle("under", registered);
    which.textContent = registered ? which.dataset.registered : which.dataset.posted;
  }

  document.addEventListener("input", (event) => {
    const over = event.target.closest && event.target.closest("[data-overlaid]");
    if (over) cut(over);
  });

  // Which match a key means: the one somebody is in, else the first that can be seen.
  function meant() {
    const comparable = all(document, "[data-match]").filter((match) => match.querySelector("[data-overlaid]"));
    const inside = comparable.find((match) => match.contains(document.activeElement));
    return inside || comparable.find((match) => match.getBoundingClientRect().bottom > 80) || comparable[0];
  }

  // ---- the same detail on both pictures

  function light(match, number) {
    all(document, ".dots .lit").forEach((dot) => dot.classList.remove("lit"));
    if (match) all(match, ".dots").forEach((dots) => { if (dots.children[number]) dots.children[number].classList.add("lit"); });
  }

  // One after the other, by a button: the same without a pointer.
  function point(button) {
    const match = button.closest("[data-match]"), count = match.querySelector(".dots").children.length;
    const number = (Number(match.dataset.point || 0) % count) + 1;
    match.dataset.point = String(number);
    if (match.dataset.look !== "side") look(match, "side");
    light(match, number - 1);
    match.querySelector(".pointing output").textContent = button.dataset.says.replace("#", number).replace("#", count);
  }

  document.addEventListener("pointermove", (event) => {
    const picture = event.target.closest && event.target.closest("[data-match] .picture");
    if (!picture) return;
    const dots = all(picture, ".dots path");
    let nearest = -1, least = 18;
    dots.forEach((dot, number) => {
      const box = dot.getBoundingClientRect();
      const far = Math.hypot(event.clientX - box.x - box.width / 2, event.clientY - box.y - box.height / 2);
      if (far < least) { least = far; nearest = number; }
    });
    light(nearest < 0 ? null : picture.closest("[data-match]"), nearest);
  });

  // ---- keys

  const writing = (one) => one.matches("textarea, select, input:not([type=radio], [type=range], [type=checkbox])");
  const seen = (one) => one.checkVisibility ? one.checkVisibility() : one.offsetParent !== null;

  function open(summary) {
    const one = summary.parentElement;
    one.open = !one.open;
    all(one.parentElement, "details").forEach((other) => { if (other !== one) other.open = false; });
    const first = one.open ? one.querySelector("input:not([type=hidden]), select, textarea, button:not(.unseen)") : summary;
    first.focus();
  }

  function choose(radio) {
    radio.checked = true;
    radio.form.elements.note.focus();
  }

  const panel = () => all(document, "#alert details[open]").find((one) => one.querySelector(".pop"));

  // While a panel is open its own keys count and no others: a digit would mean two things.
  function pressed(event) {
    if (event.key === "Escape") { leave(); return false; }
    if ($("keys").open || writing(event.target)) return false;
    if (event.target.matches("[type=radio]") && event.key.startsWith("Arrow")) return false;
    const match = meant(), asked = event.key === "?" ? null : panel();
    const found = all(asked || $("alert"), "[data-key]").filter((one) => seen(one) && one.dataset.key.split(" ").includes(event.key));
    const here = event.target.closest("[data-match]");
    const inMatch = [here, match].map((place) => place && found.find((one) => place.contains(one))).find(Boolean);
    const one = inMatch || found[0];
    if (!one) return false;
    if (one.dataset.look) look(match, one.dataset.look);
    else if (one.matches("summary")) open(one);
    else if (one.matches("[type=radio]")) choose(one);
    else one.click();
    return true;
  }

  function leave() {
    const inside = all(document, "#alert details[open]").find((one) => one.contains(document.activeElement)) || panel();
    if (inside) { inside.open = false; inside.querySelector("summary").focus(); return; }
    if (document.activeElement && document.activeElement !== document.body) document.activeElement.blur();
  }

  document.addEventListener("keydown", (event) => {
    if (!$("alert") || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && event.target.matches("[data-submits]")) {
      event.preventDefault();
      event.target.form.requestSubmit();
    } else if (pressed(event)) {
      event.preventDefault();
    }
  });

  document.addEventListener("click", (event) => {
    const way = event.target.closest("button[data-look]");
    if (way && event.isTrusted) look(way.closest("[data-match]"), way.dataset.look);
    const pointing = event.target.closest("button[data-point]");
    if (pointing) point(pointing);
    if (event.target.closest("#show-keys")) $("keys").showModal();
  });

  // What was done before cannot be taken back by a key that means what is being done now.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.closest("#decide") && $("toast")) $("toast").replaceChildren();
  });
  document.addEventListener("htmx:afterSwap", () => { clearInterval(turning); prepare(); prepareMatches(); });
  prepare();
  prepareMatches();
  if ($("alert")) listen({ of: "alerts", after: () => $("alert").dataset.listens, told, anew, over });
})();
