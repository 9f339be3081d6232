// Files that are dropped, pasted or chosen: shown with what becomes of each, and sent with a bar that tells how far it is.
// Words in chips. Without this the same forms are plain ones.
"use strict";

const sizes = (count) => {
  for (const [unit, many] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]]) {
    if (count >= many) return `${(count / many).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })} ${unit}`;
  }
  return `${count} B`;
};

const element = (name, className, text) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};

class Drop {
  constructor(place) {
    this.place = place;
    this.words = place.dataset;
    this.input = place.querySelector("input[type=file]");
    this.list = place.querySelector(".drop-files");
    this.sum = place.querySelector(".drop-sum");
    this.bar = this.sum.querySelector("progress");
    this.share = this.sum.querySelector("[data-share]");
    this.left = place.querySelector(".drop-left");
    this.inTurns = "result" in this.input.form.dataset;
    this.entries = [];
    this.sending = [];
    this.opening = 0;
    this.pressed = false;
    this.waiting = Promise.resolve();
    this.input.addEventListener("change", () => this.chosen());
    const zone = place.querySelector(".drop-zone");
    for (const kind of ["dragenter", "dragover"]) {
      zone.addEventListener(kind, (event) => {
        event.preventDefault();
        zone.classList.add("over");
      });
    }
    zone.addEventListener("dragleave", () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      this.brought(event.dataTransfer);
    });
    document.addEventListener("paste", (event) => {
      if (event.clipboardData?.files.length) {
        event.preventDefault();
        this.brought(event.clipboardData);
      }
    });
  }

  // Files at once, those of folders when they have been opened; what is sent meanwhile waits for them.
  async brought(transfer) {
    const carried = carriedBy(transfer);
    const folders = carried.filter((one) => one.folder).map((one) => one.folder);
    this.tell("");
    this.add(carried.filter((one) => !one.folder));
    if (!folders.length) return;
    this.opening += 1;
    const left = [];
    for (const folder of folders) {
      this.tell(this.words.folderOpened.replace("__NAME__", folder.name));
      const walk = new Walk(Number(this.words.maxFiles));
      await walk.into(folder);
      left.push(this.leftOut(folder.name, walk));
      this.add(walk.found);
    }
    this.tell(left.join(" ").trim());
    this.opening -= 1;
    if (this.opening || !this.pressed) return;
    this.pressed = false;
    this.input.form.requestSubmit();
  }

  tell(text) {
    this.left.textContent = text;
    this.left.hidden = !text;
  }

  // What of a folder was not taken, in sentences.
  leftOut(name, { found, more, deep, hidden, unread }) {
    const said = [];
    if (more) said.push(this.words.folderMore);
    else if (!found.length) said.push(this.words.folderEmpty);
    if (deep) said.push(this.words.folderDeep.replace("__DEPTH__", DEPTH));
    if (hidden) said.push(this.words.folderHidden.replace("__NUMBER__", hidden));
    if (unread) said.push(this.words.folderUnread.replace("__NUMBER__", unread));
    return said.map((one) => one.replace("__NAME__", name)).join(" ");
  }

  // The browser's own dialogue replaces what the input holds; here it joins what is there.
  chosen() {
    this.add([...this.input.files].map((file) => ({ file })));
  }

  // Each a file, and its path if it lay in a folder.
  add(brought) {
    if (!brought.length) return;
    this.entries = this.input.multiple ? this.entries.filter((one) => !one.past) : [];
    const named = ({ file, path }) => `${path ?? file.name}/${file.size}/${file.lastModified}`;
    const known = new Set(this.entries.map(named));
    for (const { file, path } of brought) {
      if (!known.has(named({ file, path }))) this.entries.push({ file, path });
    }
    this.show();
    this.input.form.dispatchEvent(new CustomEvent("files-added"));
  }

  remove(entry) {
    this.entries = this.entries.filter((one) => one !== entry);
    this.show();
    this.input.focus();
  }

  // What is on its way was judged. Where files are sent by turns, what goes beyond the bounds of one has the next.
  judge() {
    let count = 0;
    let total = 0;
    for (const entry of this.entries.filter((one) => !this.sending.includes(one))) {
      const { size } = entry.file;
      entry.wrong = "";
      entry.waits = false;
      if (entry.unreadable) entry.wrong = this.words.unreadable;
      else if (!size) entry.wrong = this.words.empty;
      else if (size > this.words.maxFile) entry.wrong = this.words.tooLarge;
      else if (count && this.inTurns && (count >= this.words.maxFiles || total + size > this.words.maxBody - 100_000)) entry.waits = true;
      else if (count >= this.words.maxFiles) entry.wrong = this.words.tooMany;
      else if (total + size > this.words.maxBody - 100_000) entry.wrong = this.words.tooMuch;
      else {
        count += 1;
        total += size;
      }
    }
  }

  // What can be sent next.
  get good() {
    return this.entries.filter((one) => !one.wrong && !one.waits && !this.sending.includes(one));
  }

  show() {
    this.judge();
    const held = new DataTransfer();
    for (const entry of this.good) held.items.add(entry.file);
    this.input.files = held.files;
    this.list.replaceChildren(...this.entries.map((entry) => this.row(entry)));
    this.list.hidden = this.sum.hidden = !this.entries.length;
    const counting = this.entries.filter((one) => !one.wrong);
    const number = counting.length;
    const total = counting.reduce((sum, one) => sum + one.file.size, 0);
    const counted = number === 1 ? this.words.countedOne : this.words.counted;
    this.sum.querySelector("[data-sum]").textContent = counted.replace("__NUMBER__", number).replace("__SIZE__", sizes(total));
    if (this.sending.length) return;
    this.share.textContent = "";
    this.bar.value = 0;
  }

  row(entry) {
    const name = entry.path ?? entry.file.name;
    if (!entry.row) {
      entry.row = element("li");
      const canvas = element("canvas");
      canvas.width = canvas.height = 0;
      entry.state = element("span", "drop-state");
      const remove = element("button", "quiet", "×");
      remove.type = "button";
      remove.setAttribute("aria-label", this.words.remove.replace("__NAME__", name));
      remove.addEventListener("click", () => this.remove(entry));
      entry.row.append(canvas, element("span", "drop-name", name), element("small", "", sizes(entry.file.size)), entry.state, remove);
      this.waiting = this.waiting.then(() => this.draw(entry.file, canvas));
    }
    if (this.sending.includes(entry)) return entry.row;
    entry.row.classList.remove("sent");
    entry.row.classList.toggle("wrong", Boolean(entry.wrong));
    entry.state.textContent = entry.wrong || (entry.waits || (this.inTurns && this.sending.length) ? this.words.waits : this.words.ready);
    return entry.row;
  }

  // One after the other, small. What the browser cannot show has no picture.
  async draw(file, canvas) {
    if (!file.type.startsWith("image/") || file.size > 30e6) return;
    try {
      const whole = await createImageBitmap(file);
      const scale = Math.min(44 / whole.width, 34 / whole.height);
      canvas.width = Math.max(1, Math.round(whole.width * scale * 2));
      canvas.height = Math.max(1, Math.round(whole.height * scale * 2));
      canvas.getContext("2d").drawImage(whole, 0, 0, canvas.width, canvas.height);
      whole.close();
    } catch {
      canvas.width = canvas.height = 0;
    }
  }

  // Bytes leave in the order of the files.
  sent(loaded, total) {
    const share = total ? loaded / total : 1;
    this.bar.value = 100 * share;
    this.share.textContent = share < 1 ? this.words.progress.replace("__SHARE__", share.toLocaleString(document.documentElement.lang, { style: "percent" })) : this.words.opening;
    let before = 0;
    for (const entry of this.sending) {
      const done = loaded >= before + entry.file.size || share === 1;
      entry.state.textContent = done ? this.words.sent : loaded > before ? this.words.sending : this.words.ready;
      entry.row.classList.toggle("sent", done);
      before += entry.file.size;
    }
  }

  begun() {
    this.sending = this.good;
    this.sent(0, 1);
  }

  // ``taken``: what was sent has been answered and is listed no longer; what was left out is, until others come.
  ended(taken) {
    if (taken) {
      this.entries = this.entries.filter((one) => !this.sending.includes(one));
      for (const entry of this.entries) entry.past = Boolean(entry.wrong);
    }
    this.sending = [];
    this.show();
  }

  // Marks files that were moved, changed or taken away since they were chosen; whether there are any.
  async lost() {
    const asked = this.good;
    for (const entry of asked) {
      entry.unreadable = await entry.file.slice(0, 1).arrayBuffer().then(() => false, () => true);
    }
    this.show();
    return asked.some((one) => one.unreadable);
  }
}

const told = (problem) => {
  const place = document.getElementById("problem");
  const said = element("p", "problem", problem);
  said.setAttribute("role", "alert");
  place.replaceChildren(said);
};

// Results of what had to wait join those that are there.
const placed = (result, place, joining) => {
  if (joining) place.append(...document.adoptNode(result).children);
  else place.replaceWith(document.adoptNode(result));
};

const answered = (form, request, joining) => {
  const goal = request.getResponseHeader("HX-Redirect");
  if (goal) {
    window.location.assign(goal);
    return true;
  }
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const problem = page.querySelector("[role=alert]");
  if (problem) told(problem.textContent);
  const result = form.dataset.result && request.status === 200 ? page.querySelector(form.dataset.result) : null;
  if (result) {
    document.getElementById("problem").replaceChildren();
    placed(result, document.querySelector(form.dataset.result), joining);
  }
  return false;
};

const send = (form, drop) => {
  const request = new XMLHttpRequest();
  const button = form.querySelector("button.primary");
  const free = () => {
    button.disabled = false;
    form.removeAttribute("aria-busy");
  };
  request.upload.addEventListener("progress", (event) => drop.sent(event.loaded, event.total));
  request.addEventListener("load", () => {
    if (answered(form, request, drop.continuing)) return;
    const taken = Boolean(form.dataset.result) && request.status === 200;
    free();
    drop.ended(taken);
    if (!taken) return;
    drop.continuing = drop.good.length > 0;
    if (drop.continuing) form.requestSubmit();
  });
  request.addEventListener("error", async () => {
    drop.ended(false);
    const lost = await drop.lost();
    free();
    told(lost ? drop.words.lost : drop.words.silence);
  });
  request.open("POST", form.action);
  request.setRequestHeader("HX-Request", "true");
  const body = new FormData(form);
  form.setAttribute("aria-busy", "true");
  button.disabled = true;
  drop.begun();
  request.send(body);
};

for (const form of document.querySelectorAll("form[data-upload]")) {
  const place = form.querySelector("[data-drop]");
  const drop = new Drop(place);
  form.addEventListener("submit", (event) => {
    if (form.hasAttribute("aria-busy")) event.preventDefault();
    else if (drop.opening) {
      event.preventDefault();
      drop.pressed = true;
    } else if (drop.good.length) {
      event.preventDefault();
      send(form, drop);
    } else if (form.dataset.result) {
      event.preventDefault();
      told(drop.words.nothing);
    }
  });
  const atOnce = () => !form.hasAttribute("aria-busy") && drop.good.length && form.requestSubmit();
  if ("atOnce" in form.dataset) form.addEventListener("files-added", atOnce);
}

// An attack says that it is being tried once it is: without this nobody tries it.
document.addEventListener("htmx:beforeRequest", (event) => {
  const tile = event.detail.target.closest(".attack[data-trying]");
  if (!tile) return;
  tile.setAttribute("aria-busy", "true");
  tile.querySelector(".attack-says").textContent = tile.dataset.trying;
});

// Words in chips; the form sends them with commas between, as without this.
for (const plain of document.querySelectorAll("input[data-chips]")) {
  const box = element("div", "chips");
  const typed = element("input");
  const words = [];
  typed.id = plain.id;
  if (plain.dataset.key) typed.dataset.key = plain.dataset.key;
  typed.autocomplete = "off";
  typed.setAttribute("aria-describedby", plain.getAttribute("aria-describedby"));
  plain.removeAttribute("id");
  delete plain.dataset.key;
  plain.type = "hidden";
  plain.after(box);
  const keep = () => {
    plain.value = [...words, typed.value.trim()].filter(Boolean).join(", ");
  };
  const show = () => {
    box.replaceChildren(
      ...words.map((word) => {
        const chip = element("span", "", word);
        const remove = element("button", "quiet", "×");
        remove.type = "button";
        remove.setAttribute("aria-label", plain.dataset.remove.replace("__WORD__", word));
        remove.addEventListener("click", () => {
          words.splice(words.indexOf(word), 1);
          show();
          typed.focus();
        });
        chip.append(remove);
        return chip;
      }),
      typed,
    );
    keep();
  };
  const take = (text) => {
    for (const word of text.split(/[,，]/).map((one) => one.trim())) {
      if (word && !words.includes(word)) words.push(word);
    }
    typed.value = "";
    show();
    typed.focus();
  };
  typed.addEventListener("input", () => (/[,，]/.test(typed.value) ? take(typed.value) : keep()));
  typed.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && typed.value.trim()) {
      event.preventDefault();
      take(typed.value);
    } else if (event.key === "Backspace" && !typed.value && words.length) {
      words.pop();
      show();
      typed.focus();
    }
  });
  typed.addEventListener("change", () => typed.value.trim() && take(typed.value));
  words.push(...plain.value.split(/[,，]/).map((one) => one.trim()).filter(Boolean));
  show();
}

// All words of a page at once.
const offerAll = () => {
  for (const all of document.querySelectorAll("[data-all]")) all.parentElement.hidden = false;
};
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-all]")) return;
  for (const one of event.target.form.querySelectorAll("input[type=checkbox]")) one.checked = event.target.checked;
});
document.addEventListener("htmx:afterSwap", offerAll);
offerAll();
