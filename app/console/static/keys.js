// Keys for every page that has no script of its own for them: the list that help shows is the list that counts, and what is not
// on a page has no key there.
// Rows are what stands in [data-rows]; each has one link or summary that opens it.
(() => {
  const help = () => document.getElementById("keys");
  const rows = () => [...document.querySelectorAll("[data-rows] > *")];
  const opener = (row) => row.querySelector("[data-open]") || row.querySelector("a[href], summary");
  const here = () => rows().find((row) => row.contains(document.activeElement));

  const step = (by) => {
    const all = rows().filter(opener);
    const at = all.indexOf(here());
    if (!all.length) return;
    const next = all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))];
    opener(next).focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
  const doing = {
    next: () => step(1),
    previous: () => step(-1),
    open: () => { const row = here(); if (row) opener(row).click(); },
    search: () => { const one = document.querySelector("[data-search]"); if (one) { one.focus(); one.select(); } },
    keys: () => help().showModal(),
    leave: () => document.activeElement.blur(),
  };
  // What stands in a row is only meant when that row is. Fields are gone to; so is what nobody should press by mistake.
  const fields = "[data-focus], select, textarea, input:not([type=file], [type=checkbox], [type=radio])";
  const follow = (name) => {
    const named = [...document.querySelectorAll(`[data-key="${name}"]`)], row = here();
    const one = named.find((other) => row && row.contains(other)) || named.find((other) => !other.closest("[data-rows]"));
    if (!one) return;
    if (one.matches(fields)) { one.focus(); one.scrollIntoView({ block: "nearest" }); } else one.click();
  };
  const meaning = (key) => {
    const all = help() ? [...help().querySelectorAll("[data-keys]")] : [];
    const one = all.find((said) => said.dataset.keys.split("|").includes(key));
    return one && one.dataset.do;
  };

  const writing = (one) => one.matches("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const what = meaning(event.key);
    if (!what || help().open || (writing(event.target) && what !== "leave")) return;
    // Enter on what can be activated is the browser's own.
    if (event.key === "Enter" && event.target.matches("a, button, summary, input")) return;
    event.preventDefault();
    if (doing[what]) doing[what](); else follow(what);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("#show-keys")) help().showModal();
    if (event.target === help()) help().close();
  });
  const show = () => { const one = document.getElementById("show-keys"); if (one) one.hidden = false; };
  document.addEventListener("htmx:afterSwap", show);
  show();
})();
