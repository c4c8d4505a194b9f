// What HTML cannot do: say that a request is under way, say that it failed and repeat it, and wake a page that slept.
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

// The server shows times on the browser's own clock, unless the address names another. A page that is the first one
// visited was made before we could say so, and is asked for again.
const tellZone = () => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.split("; ").includes(`zone=${zone}`)) {
    document.cookie = `zone=${zone}; path=/; max-age=31536000; SameSite=Lax`;
    const shown = document.querySelector("[data-zone]");
    if (shown && shown.dataset.zone !== zone) {
      htmx.ajax("GET", window.location.href, "#main");
    }
  }
};

// A browser's first answer takes a phone a tenth of a second: a page that shows no times can do without until it is used.
if (document.querySelector("[data-zone]")) {
  tellZone();
} else {
  for (const use of ["pointerover", "keydown"]) {
    document.addEventListener(use, tellZone, { once: true });
  }
}

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
