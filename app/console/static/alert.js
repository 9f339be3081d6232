// The page of an alert with JavaScript: a key for everything, the pictures laid over each other with a slider or in turn, and
// the same detail pointed out on both. Every sentence stands on the page.
(() => {
  if (window.leakwatchAlert) return;
  window.leakwatchAlert = true;
  const TURN = 700; // milliseconds each picture is seen: less than one flash a second
  const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const $ = (id) => document.getElementById(id);
  const all = (root, what) => [...root.querySelectorAll(what)];
  let turning = null;

  // ---- what only a script can do is shown when there is one

  function prepare() {
    const alert = $("alert");
    if (!alert || alert.dataset.ready) return;
    alert.dataset.ready = "yes";
    const keys = $("show-keys");
    if (keys) keys.hidden = false;
    all(alert, ".ways").forEach((ways) => { ways.hidden = false; });
    all(alert, "[name=ahead]").forEach((field) => { field.value = String(-new Date().getTimezoneOffset()); });
    all(alert, ".zone").forEach((zone) => { zone.hidden = true; });
    all(alert, "[data-match]").forEach((match) => look(match, "side"));
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

  document.addEventListener("pointermove", (event) => {
    const picture = event.target.closest && event.target.closest("[data-match] .picture");
    all(document, ".dots .lit").forEach((dot) => dot.classList.remove("lit"));
    const dots = picture ? all(picture, ".dots path") : [];
    let nearest = -1, least = 18;
    dots.forEach((dot, number) => {
      const box = dot.getBoundingClientRect();
      const far = Math.hypot(event.clientX - box.x - box.width / 2, event.clientY - box.y - box.height / 2);
      if (far < least) { least = far; nearest = number; }
    });
    if (nearest < 0) return;
    all(picture.closest("[data-match]"), ".dots").forEach((group) => {
      if (group.children[nearest]) group.children[nearest].classList.add("lit");
    });
  });

  // ---- keys

  const writing = (one) => one.matches("textarea, select, input:not([type=radio], [type=range], [type=checkbox])");
  const seen = (one) => one.checkVisibility ? one.checkVisibility() : one.offsetParent !== null;

  function open(summary) {
    const panel = summary.parentElement;
    panel.open = !panel.open;
    all(panel.parentElement, "details").forEach((other) => { if (other !== panel) other.open = false; });
    const first = panel.open ? panel.querySelector("input:not([type=hidden]), textarea, button:not(.unseen)") : summary;
    first.focus();
  }

  function choose(radio) {
    radio.checked = true;
    radio.form.elements.note.focus();
  }

  function pressed(event) {
    if (event.key === "Escape") { leave(); return false; }
    if ($("keys").open || writing(event.target)) return false;
    const match = meant();
    const found = all($("alert"), "[data-key]").filter((one) => seen(one) && one.dataset.key.split(" ").includes(event.key));
    const inMatch = match && found.find((one) => match.contains(one));
    const one = inMatch || found[0];
    if (!one) return false;
    if (one.dataset.look) look(match, one.dataset.look);
    else if (one.matches("summary")) open(one);
    else if (one.matches("[type=radio]")) choose(one);
    else one.click();
    return true;
  }

  function leave() {
    const panel = all(document, "#alert details[open]").find((one) => one.contains(document.activeElement));
    if (panel) { panel.open = false; panel.querySelector("summary").focus(); return; }
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
    if (event.target.closest("#show-keys")) $("keys").showModal();
  });

  document.addEventListener("htmx:afterSwap", () => { clearInterval(turning); prepare(); });
  prepare();
})();
