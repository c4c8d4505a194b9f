// What HTML cannot do: say that a request is under way or has failed, wake a page, and keep what was typed.
const main = document.getElementById("main");
const connection = document.getElementById("connection");
const words = connection.querySelector("[role=status]");
const tryAgain = connection.querySelector("button");

// A function that repeats what failed; null while nothing has failed.
let again = null;

function say(sentence) {
  words.textContent = sentence;
  tryAgain.hidden = !again;
}

// Parts of a page that may be out of date listen for this event, and ask the server again.
function wake() {
  document.body.dispatchEvent(new Event("wake"));
}

// Returns the link or button that a person pressed, or null if the page made the request by itself.
function pressed({ elt, triggeringEvent }) {
  return ["click", "submit"].includes(triggeringEvent?.type) ? (triggeringEvent.submitter ?? elt) : null;
}

// A page that nobody sees does not ask again: once it is seen, it wakes.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && !event.detail.requestConfig.triggeringEvent && event.target.matches("[hx-trigger]")) {
    event.preventDefault();
  }
});

// A request for a part of the page, while somebody types, leaves the rest of it as it is.
document.addEventListener("htmx:beforeRequest", ({ detail }) => detail.target === main && main.setAttribute("aria-busy", "true"));
document.addEventListener("htmx:afterRequest", ({ detail }) => detail.target === main && main.removeAttribute("aria-busy"));

// Only a step to which somebody goes on fades in.
document.addEventListener("htmx:beforeTransition", (event) => {
  if (event.detail.target !== main || !pressed(event.detail.requestConfig)) {
    event.preventDefault();
  }
});

// A press that comes before a step has faded in ends its fading, and so does a look at another tab. The browser tells that
// to a promise, which htmx leaves alone.
const ENDS_A_FADING = ["AbortError", "InvalidStateError"];
window.addEventListener("unhandledrejection", (event) => {
  if (event.reason instanceof DOMException && ENDS_A_FADING.includes(event.reason.name)) {
    event.preventDefault();
  }
});

// The site logs each request under a number. An answer of a proxy in between has none.
function withNumber(sentence, answer) {
  const number = answer.getResponseHeader("X-Request-ID");
  return number ? `${sentence} ${connection.dataset.number.replace("0", number)}` : sentence;
}

// A request is repeated by pressing the same link or button, so that what is typed by now is sent. `others` are
// sentences for some statuses.
function sayOnFailure(failure, sentence, others = {}) {
  document.addEventListener(failure, (event) => {
    const press = pressed(event.detail.requestConfig);
    if (press || !again) {
      again = press ? () => press.click() : wake;
      say(others[event.detail.xhr.status] ?? withNumber(sentence, event.detail.xhr));
    }
  });
}

// The server reads the browser's zone in this cookie. A phone takes a tenth of a second to find it, so this waits until
// the page is used.
function rememberZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  document.cookie = `zone=${zone}; path=/; max-age=31536000; SameSite=Lax`;
}

for (const use of ["pointerover", "keydown"]) {
  document.addEventListener(use, rememberZone, { once: true });
}

// The first page, before there is a cookie, may show times in another zone. Then it is asked for again,
// and replaced without a transition, as nobody has pressed anything.
function isReadElsewhere({ dataset: { shown } }) {
  const here = new Date(shown);
  return here.getHours() * 60 + here.getMinutes() !== shown.slice(11, 13) * 60 + Number(shown.slice(14, 16));
}

const isUnknown = !document.cookie.includes("zone=") && !window.location.search.includes("zone=");
if (isUnknown && [...document.querySelectorAll("[data-shown]")].some(isReadElsewhere)) {
  rememberZone();
  htmx.ajax("GET", window.location.href, { target: "#main", swap: "innerHTML transition:false" });
}

// Only an error page of ours, which has this header, replaces a page that somebody has filled in.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status >= 400 && !detail.xhr.getResponseHeader("HX-Push-Url")) {
    detail.shouldSwap = false;
    detail.isError = true;
  }
});

sayOnFailure("htmx:responseError", connection.dataset.failed, {
  429: connection.dataset.often,
});
sayOnFailure("htmx:sendError", connection.dataset.offline);
sayOnFailure("htmx:timeout", connection.dataset.silent);

document.addEventListener("htmx:beforeOnLoad", () => {
  again = null;
  say("");
});

tryAgain.addEventListener("click", () => again());

window.addEventListener("online", () => {
  if (again) {
    say(connection.dataset.online);
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

// A page that the Back button restored from memory may be out of date, so it is loaded again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    window.location.reload();
  }
});

// A browser prints by itself only if a script asks it to. Without one, its menu does.
document.addEventListener("htmx:load", () => {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
  }
});

document.addEventListener("click", ({ target }) => target.closest("[data-print]") && window.print());

// What was typed into the booking form is kept in this tab until it is booked. At the desk it is kept only through the
// choices of one booking: the next caller is somebody else.
const OF_CLIENT = "client typed ";
const OF_CALLER = "caller typed ";

function isOver(keeper, { pathname, search }) {
  const bookingACaller = pathname === "/staff/book/" && search;
  return keeper === OF_CALLER ? !bookingACaller : /^\/appointments\/(?!find\/)|^\/staff\/|\/success\/$/.test(pathname);
}

function keptUnder(field) {
  return (field.closest(".caller") ? OF_CALLER : OF_CLIENT) + field.name;
}

document.addEventListener("input", ({ target }) => {
  if (target.closest(".details") && target.type !== "password") {
    sessionStorage.setItem(keptUnder(target), target.value);
  }
});

document.addEventListener("htmx:load", () => {
  // In a frame there is no such form. On a page of another site, a browser may even refuse to say what is kept.
  if (window !== window.top) {
    return;
  }
  const over = [OF_CLIENT, OF_CALLER].filter((keeper) => isOver(keeper, window.location));
  for (const key of Object.keys(sessionStorage).filter((key) => over.some((keeper) => key.startsWith(keeper)))) {
    sessionStorage.removeItem(key);
  }
  for (const field of document.querySelectorAll(".details .field [name]")) {
    field.value ||= sessionStorage.getItem(keptUnder(field)) ?? "";
    if (field.closest(".caller")) {
      sessionStorage.setItem(keptUnder(field), field.value);
    }
  }
});
