// What is dropped or pasted: files, and folders with the files inside them.
"use strict";

const DEPTH = 8;

// What is dropped or pasted is gone once the event is over: it is taken out at once, and folders are opened later.
const carriedBy = (transfer) =>
  [...transfer.items]
    .filter((item) => item.kind === "file")
    .map((item) => ({ file: item.getAsFile(), entry: item.webkitGetAsEntry?.() }))
    .map(({ file, entry }) => ({ file, folder: entry?.isDirectory ? entry : null }));

const promised = (ask) => new Promise((resolve, reject) => { ask(resolve, reject); });

// The files of a folder and of those inside it, in the order of their names, so many at most. What is left out is counted.
class Walk {
  constructor(most) {
    this.most = most;
    this.found = [];
    this.more = false;
    this.deep = this.hidden = this.unread = 0;
  }

  async into(folder, depth = 1) {
    if (depth > DEPTH) {
      this.deep += 1;
      return;
    }
    const inside = await this.listed(folder);
    inside.sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
    for (const entry of inside) {
      if (this.more) return;
      if (entry.name.startsWith(".")) this.hidden += 1;
      else if (entry.isDirectory) await this.into(entry, depth + 1);
      else await this.take(entry);
    }
  }

  // A reader gives some at a time, and none at the end.
  async listed(folder) {
    const reader = folder.createReader();
    const all = [];
    try {
      for (;;) {
        const some = await promised((good, bad) => reader.readEntries(good, bad));
        if (!some.length) return all;
        all.push(...some);
      }
    } catch {
      this.unread += 1;
      return all;
    }
  }

  async take(entry) {
    if (this.found.length >= this.most) {
      this.more = true;
      return;
    }
    try {
      this.found.push({ file: await promised((good, bad) => entry.file(good, bad)), path: entry.fullPath.slice(1) });
    } catch {
      this.unread += 1;
    }
  }
}
