// What HTML cannot do: say that a request is under way, say that it failed and repeat it, wake a page that slept, and
// keep what was typed.
const main = document.getElementById("main");
const connection = document.getElementById("connection");
const words = connection.querySelector("[role=status]");
const tryAgain = connection.querySelector("button");

// Repeats what failed; null while nothing has.
let again = null;

function say(sentence) {
  words.textContent = sentence;
  tryAgain.hidden = !again;
}

// Parts of a page that may have changed meanwhile listen for this, and ask the server.
function wake() {
  document.body.dispatchEvent(new Event("wake"));
}

// The link or button that a person pressed; nothing for what a page asks by itself.
function pressed({ elt, triggeringEvent }) {
  return ["click", "submit"].includes(triggeringEvent?.type) ? (triggeringEvent.submitter ?? elt) : null;
}

document.addEventListener("htmx:beforeRequest", () => main.setAttribute("aria-busy", "true"));
document.addEventListener("htmx:afterRequest", () => main.removeAttribute("aria-busy"));

// Pressing the very thing once more sends what is typed by now, and all that was typed is still there.
function sayOnFailure(failure, sentence) {
  document.addEventListener(failure, (event) => {
    const press = pressed(event.detail.requestConfig);
    if (press || !again) {
      again = press ? () => press.click() : wake;
      say(sentence);
    }
  });
}

// The server shows times on the browser's own clock, unless the address names another: this is how it learns of it.
// The first question takes a phone a tenth of a second, so it waits until the page is used.
function rememberZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  document.cookie = `zone=${zone}; path=/; max-age=31536000; SameSite=Lax`;
}

for (const use of ["pointerover", "keydown"]) {
  document.addEventListener(use, rememberZone, { once: true });
}

// The first page of all may have been made for another clock, and is then asked for again.
const shown = document.querySelector("[data-shown]")?.dataset.shown;
if (shown && !document.cookie.includes("zone=") && !window.location.search.includes("zone=")) {
  const here = new Date(shown);
  if (here.getHours() * 60 + here.getMinutes() !== shown.slice(11, 13) * 60 + Number(shown.slice(14, 16))) {
    rememberZone();
    htmx.ajax("GET", window.location.href, "#main");
  }
}

// Only a page of ours takes the place of one that somebody filled in, not what a crash or a proxy answers.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status >= 400 && !detail.xhr.getResponseHeader("HX-Push-Url")) {
    detail.shouldSwap = false;
    detail.isError = true;
  }
});

sayOnFailure("htmx:responseError", "Something went wrong on our side. Nothing you typed is lost, and it is safe to try again.");
sayOnFailure("htmx:sendError", "There is no connection. Nothing you typed is lost, and it is safe to try again.");
sayOnFailure("htmx:timeout", "There is no answer yet. It is safe to try again: nothing is booked or paid twice.");

document.addEventListener("htmx:beforeOnLoad", () => {
  again = null;
  say("");
});

tryAgain.addEventListener("click", () => again());

window.addEventListener("online", () => {
  if (again) {
    say("You are online again.");
  }
  if (again === wake) {
    wake();
  }
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) {
    wake();
  }
});

// A page that Back restored from memory may show a button whose time is over.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    window.location.reload();
  }
});

// What was typed into a form outlives a change of time, and Back: in this tab, until the appointment stands.
const TYPED = "typed ";

document.addEventListener("input", ({ target }) => {
  if (target.closest(".details")) {
    sessionStorage.setItem(TYPED + target.name, target.value);
  }
});

document.addEventListener("htmx:load", () => {
  for (const field of document.querySelectorAll(".details .field [name]")) {
    field.value ||= sessionStorage.getItem(TYPED + field.name) ?? "";
  }
  if (/^\/appointments\/(?!find\/)|\/success\/$/.test(window.location.pathname)) {
    for (const key of Object.keys(sessionStorage).filter((key) => key.startsWith(TYPED))) {
      sessionStorage.removeItem(key);
    }
  }
});
