// What happens to alerts or incidents, as the server tells it to a page that lies open: within seconds, until the session ends.
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

  // of: "alerts" or "incidents"; after(): from which number on; told(news, number): what happened; anew(restored): it was not listened to for a while;
  // over(): the session ended.
  function listen({ of, after, told, anew, over }) {
    let source = null, heard = 0, hidden = null;
    function open() {
      if (source || document.hidden) return;
      source = new EventSource(`/${of}/events?after=${after()}`);
      source.onopen = () => { heard = Date.now(); silence(false); };
      source.addEventListener("beat", () => { heard = Date.now(); });
      source.addEventListener("over", () => { close(); over(); });
      source.addEventListener(of, (event) => { heard = Date.now(); told(JSON.parse(event.data), event.lastEventId); });
      // Refused for good: by a session that ended, which an answer tells, or by a server that is not well.
      source.onerror = () => { if (source && source.readyState === 2) { close(); anew(false); setTimeout(open, AGAIN); } };
    }
    function close() { if (source) source.close(); source = null; }
    addEventListener("offline", () => { close(); silence(true); });
    addEventListener("online", () => { open(); anew(false); });
    addEventListener("pagehide", close);
    addEventListener("pageshow", (event) => { if (event.persisted) { open(); anew(true); } });
    // A tab nobody looks at keeps none of the six connections that a browser has, or the seventh tab would never load.
    document.addEventListener("visibilitychange", () => {
      clearTimeout(hidden);
      if (document.hidden) hidden = setTimeout(close, HIDDEN);
      else if (!source) { open(); anew(false); }
    });
    setInterval(() => { if (source && heard && Date.now() - heard > LONG) { silence(true); close(); open(); } }, 5000);
    open();
  }

  // The session ended: to sign in, and back here.
  function signIn() { location.assign("/sign-in?next=" + encodeURIComponent(location.pathname + location.search)); }

  window.leakwatchLive = { listen, signIn, silence };
})();
