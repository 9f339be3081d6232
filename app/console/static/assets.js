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
    this.entries = [];
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
      this.add([...event.dataTransfer.files]);
    });
    document.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length) {
        event.preventDefault();
        this.add(files);
      }
    });
  }

  // The browser's own dialogue replaces what the input holds; here it joins what is there.
  chosen() {
    this.add([...this.input.files]);
  }

  add(files) {
    if (!files.length) return;
    if (!this.input.multiple) this.entries = [];
    const known = new Set(this.entries.map((one) => `${one.file.name}/${one.file.size}/${one.file.lastModified}`));
    for (const file of files) {
      if (!known.has(`${file.name}/${file.size}/${file.lastModified}`)) this.entries.push({ file });
    }
    this.show();
    this.input.form.dispatchEvent(new CustomEvent("files-added"));
  }

  remove(entry) {
    this.entries = this.entries.filter((one) => one !== entry);
    this.show();
    this.input.focus();
  }

  judge() {
    let count = 0;
    let total = 0;
    for (const entry of this.entries) {
      entry.wrong = "";
      if (!entry.file.size) entry.wrong = this.words.empty;
      else if (entry.file.size > this.words.maxFile) entry.wrong = this.words.tooLarge;
      else if (count >= this.words.maxFiles) entry.wrong = this.words.tooMany;
      else if (total + entry.file.size > this.words.maxBody - 100_000) entry.wrong = this.words.tooMuch;
      else {
        count += 1;
        total += entry.file.size;
      }
    }
    return total;
  }

  get good() {
    return this.entries.filter((one) => !one.wrong);
  }

  show() {
    const total = this.judge();
    const held = new DataTransfer();
    for (const entry of this.good) held.items.add(entry.file);
    this.input.files = held.files;
    this.list.replaceChildren(...this.entries.map((entry) => this.row(entry)));
    this.list.hidden = this.sum.hidden = !this.entries.length;
    const number = this.good.length;
    const counted = number === 1 ? this.words.countedOne : this.words.counted;
    this.sum.querySelector("[data-sum]").textContent = counted.replace("__NUMBER__", number).replace("__SIZE__", sizes(total));
    this.share.textContent = "";
    this.bar.value = 0;
  }

  row(entry) {
    if (!entry.row) {
      entry.row = element("li");
      const canvas = element("canvas");
      canvas.width = canvas.height = 0;
      entry.state = element("span", "drop-state");
      const remove = element("button", "quiet", "×");
      remove.type = "button";
      remove.setAttribute("aria-label", this.words.remove.replace("__NAME__", entry.file.name));
      remove.addEventListener("click", () => this.remove(entry));
      entry.row.append(canvas, element("span", "drop-name", entry.file.name), element("small", "", sizes(entry.file.size)), entry.state, remove);
      this.waiting = this.waiting.then(() => this.draw(entry.file, canvas));
    }
    entry.row.classList.toggle("wrong", Boolean(entry.wrong));
    entry.state.textContent = entry.wrong || this.words.ready;
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
    for (const entry of this.good) {
      const done = loaded >= before + entry.file.size || share === 1;
      entry.state.textContent = done ? this.words.sent : loaded > before ? this.words.sending : this.words.ready;
      entry.row.classList.toggle("sent", done);
      before += entry.file.size;
    }
  }
}

const told = (problem) => {
  const place = document.getElementById("problem");
  const said = element("p", "problem", problem);
  said.setAttribute("role", "alert");
  place.replaceChildren(said);
};

const answered = (form, request) => {
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
    document.querySelector(form.dataset.result).replaceWith(document.adoptNode(result));
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
    if (answered(form, request)) return;
    free();
    if (form.dataset.result && request.status === 200) drop.entries = [];
    drop.show();
  });
  request.addEventListener("error", () => {
    free();
    drop.show();
    told(drop.words.silence);
  });
  request.open("POST", form.action);
  request.setRequestHeader("HX-Request", "true");
  form.setAttribute("aria-busy", "true");
  button.disabled = true;
  drop.sent(0, 1);
  request.send(new FormData(form));
};

for (const form of document.querySelectorAll("form[data-upload]")) {
  const place = form.querySelector("[data-drop]");
  const drop = new Drop(place);
  form.addEventListener("submit", (event) => {
    if (form.hasAttribute("aria-busy")) event.preventDefault();
    else if (drop.good.length) {
      event.preventDefault();
      send(form, drop);
    }
  });
  if ("atOnce" in form.dataset) form.addEventListener("files-added", () => drop.good.length && form.requestSubmit());
}

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
