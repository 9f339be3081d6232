// What happens to alerts or incidents, as the server tells it to a page that lies open: within seconds, until the session ends.
// A browser has six connections to a server. So of all its windows one holds a connection and tells the others; when it is gone, the
// next takes over. Where a browser cannot do that (or the address is no secure one), every window holds its own.
(() => {
  if (window.leakwatchLive) return;
  const LONG = 30000, AGAIN = 10000, HIDDEN = 1000; // milliseconds

  // What no answer can put on the page: that none came.
  function silence(silent) {
    const place = document.getElementById("problem"), said = place && place.querySelector("[data-silence]");
    if (!silent) { if (said) said.remove(); return; }
    if (said || !place) return;
    const told = document.createElement("p");
    told.className = "problem";
    told.setAttribute("role", "alert");
    told.dataset.silence = "";
    told.textContent = document.body.dataset.silence;
    place.append(told);
  }

  // Windows of one session: whoever signs in anew shares nothing with what still lies open from before.
  function windows(of) {
    const secret = document.querySelector("input[name=csrf]");
    return navigator.locks && window.BroadcastChannel && secret ? `leakwatch ${of} ${secret.value.slice(-16)}` : null;
  }

  // of: "alerts" or "incidents"; after(): from which number on; told(news, number): what happened; anew(restored): it was not listened to for a while;
  // over(): the session ended.
  function listen({ of, after, told, anew, over }) {
    const shared = windows(of);
    let joined = false, source = null, channel = null, turn = null, release = null, heard = 0, known = 0, hidden = null;
    const number = () => Math.max(known, Number(after()) || 0);

    // What comes over the connection, here or in another window.
    const meaning = {
      open: () => silence(false),
      beat: () => {},
      silent: () => silence(true),
      refused: () => anew(false),
      over: () => { leave(); over(); },
      at: (said) => { if (said.at > number()) { known = said.at; anew(false); } },
      news: (said) => { known = Math.max(known, Number(said.at)); told(said.news, said.at); },
    };
    function hear(said) {
      if (!joined) return;
      heard = Date.now();
      meaning[said.kind](said);
    }
    function tell(said) {
      if (channel) channel.postMessage(said);
      hear(said);
    }

    function connect() {
      source = new EventSource(`/${of}/events?after=${number()}`);
      source.onopen = () => tell({ kind: "open" });
      source.addEventListener("beat", () => tell({ kind: "beat" }));
      source.addEventListener("over", () => tell({ kind: "over" }));
      source.addEventListener(of, (event) => tell({ kind: "news", news: JSON.parse(event.data), at: event.lastEventId }));
      // Refused for good: by a session that ended, which an answer tells, or by a server that is not well.
      source.onerror = () => {
        if (!source || source.readyState !== 2) return;
        const refused = source;
        setTimeout(() => { if (source === refused) connect(); }, AGAIN);
        tell({ kind: "refused" });
      };
    }
    function disconnect() { if (source) source.close(); source = null; }

    // To be the one that holds the connection: by turns, or at once from one that says nothing any more.
    function take(steal) {
      const mine = turn = new AbortController();
      const holding = () => new Promise((resolve) => {
        if (turn !== mine) { resolve(); return; }
        release = resolve;
        connect();
        channel.postMessage({ kind: "at", at: number() });
      });
      navigator.locks.request(shared, steal ? { steal } : { signal: mine.signal }, holding).catch(() => {
        if (turn !== mine) return; // it was left
        disconnect();
        release = null;
        take(false);
      });
    }

    function join() {
      if (joined || document.hidden) return;
      joined = true;
      heard = Date.now();
      if (!shared) { connect(); return; }
      channel = new BroadcastChannel(shared);
      channel.onmessage = ({ data }) => {
        if (data.kind !== "hello") hear(data);
        else if (source) channel.postMessage({ kind: "at", at: number() });
      };
      channel.postMessage({ kind: "hello" }); // what happened since this page was drawn may have been told already
      take(false);
    }
    function leave() {
      if (!joined) return;
      joined = false;
      disconnect();
      const mine = turn;
      turn = null;
      if (release) release();
      release = null;
      if (mine) mine.abort();
      if (channel) channel.close();
      channel = null;
    }

    function look() {
      if (!joined || Date.now() - heard <= LONG) return;
      if (source) {
        tell({ kind: "silent" });
        disconnect();
        connect();
      } else {
        silence(true);
        heard = Date.now();
        const before = turn;
        take(true);
        before.abort();
      }
    }

    addEventListener("offline", () => { leave(); silence(true); });
    addEventListener("online", () => { join(); anew(false); });
    addEventListener("pagehide", leave);
    addEventListener("pageshow", (event) => { if (event.persisted) { join(); anew(true); } });
    // A window nobody looks at listens to nothing.
    document.addEventListener("visibilitychange", () => {
      clearTimeout(hidden);
      if (document.hidden) hidden = setTimeout(leave, HIDDEN);
      else if (!joined) { join(); anew(false); }
    });
    setInterval(look, 5000);
    join();
  }

  // The session ended: to sign in, and back here.
  function signIn() { location.assign("/sign-in?next=" + encodeURIComponent(location.pathname + location.search)); }

  window.leakwatchLive = { listen, signIn, silence };
})();
