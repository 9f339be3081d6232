// The queue's filter, whose state is the address. Chosen with the pointer it counts at once; with keys, which pass by what is not
// meant, when Enter is pressed or the menu is left.
(() => {
  const filter = document.getElementById("filter"), apply = document.getElementById("apply"), FOCUS = "leakwatch-filter";
  let byKeys = false, waiting = false;
  apply.hidden = true;

  filter.addEventListener("keydown", (event) => {
    if (!event.target.matches("select")) return;
    byKeys = true;
    if (event.key === "Enter" && waiting) { event.preventDefault(); filter.requestSubmit(); }
  });
  filter.addEventListener("pointerdown", () => { byKeys = false; });
  filter.addEventListener("change", (event) => {
    if (event.target.id === "q") return;
    waiting = byKeys && event.target.matches("select");
    apply.hidden = !waiting;
    if (!waiting) filter.requestSubmit();
  });
  filter.addEventListener("focusout", () => { if (waiting) filter.requestSubmit(); });
  filter.addEventListener("submit", (event) => {
    event.preventDefault();
    waiting = false;
    const asked = new URLSearchParams([...new FormData(filter)].filter(([, value]) => value));
    if (asked.get("order") === "urgent") asked.delete("order");
    sessionStorage.setItem(FOCUS, document.activeElement.name || "");
    location.assign("/alerts" + (String(asked) ? `?${asked}` : ""));
  });

  const before = sessionStorage.getItem(FOCUS), menu = before && filter.elements[before];
  sessionStorage.removeItem(FOCUS);
  if (menu && menu.matches("select")) menu.focus({ preventScroll: true });
})();
