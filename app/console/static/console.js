// Focus goes where the answer says at once. htmx would move it a moment later, when somebody may be typing elsewhere already.
document.addEventListener("htmx:afterSwap", (event) => {
  const place = event.target.matches("[autofocus]") ? event.target : event.target.querySelector("[autofocus]");
  if (!place) return;
  place.focus();
  place.removeAttribute("autofocus");
});

// What htmx cannot put on the page: that no answer came. The next answer takes it away again.
document.addEventListener("htmx:sendError", () => {
  const place = document.getElementById("problem");
  if (place.querySelector("[data-silence]")) return;
  const said = document.createElement("p");
  said.className = "problem";
  said.setAttribute("role", "alert");
  said.dataset.silence = "";
  said.textContent = document.body.dataset.silence;
  place.replaceChildren(said);
});
