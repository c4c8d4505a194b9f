// This script does for the desk what static/site.js, which comes before it, does for all pages: it says what others have
// changed on a day that is open, and that a session is over; and it copies an address that is read out.

// What has changed is said once, without moving the focus or anything else.
const NEWS = "changed";

// What is shown of each appointment, by the address to which it leads: one that goes on past midnight is shown twice.
function shownNow() {
  const week = document.querySelector("#timetable .week");
  const rows = [...document.querySelectorAll("#timetable .columns .appointment")];
  return new Map(rows.map((row) => [row.querySelector(".what").href, inWords(row, week)]));
}

function inWords(row, week) {
  const said = (selector) => row.querySelector(selector).firstChild.textContent;
  const day = week ? `${row.closest(".column").querySelector("h2").textContent}, ` : "";
  return { who: `${day}${said(".from-to")} ${row.querySelector("strong").textContent}`, standing: said(".standing") };
}

function sentence({ who, standing }) {
  return `${who}, ${standing.charAt(0).toLowerCase()}${standing.slice(1)}`;
}

function news(before, now) {
  const changed = [...now].filter(([key, row]) => !before.has(key) || sentence(before.get(key)) !== sentence(row));
  const gone = [...before].filter(([key]) => !now.has(key)).map(([, { who }]) => ({ who, standing: "not here any more" }));
  const all = [...changed.map(([, row]) => row), ...gone].map(sentence);
  return all.length > 1 ? `${all.length} appointments changed.` : all.map((one) => `Changed: ${one}.`).join("");
}

let before = null;

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  before = detail.shouldSwap && detail.target.id === "timetable" ? shownNow() : null;
});

document.addEventListener("htmx:afterSwap", () => {
  const said = before && news(before, shownNow());
  before = null;
  if (said) {
    document.getElementById(NEWS).textContent = said;
  }
});

// A page that asks by itself is answered 401 once nobody is signed in. It says that once, and asks no more by itself.
let signedOut = false;

function setSignedOut(is) {
  signedOut = is;
  tryAgain.textContent = is ? "Sign in" : "Try again";
}

// The form that somebody is filling in is carried through the sign-in page; a page without one is opened once more.
function signIn(form) {
  const send = form?.querySelector(".primary");
  return send ? () => send.click() : () => window.location.reload();
}

document.addEventListener("htmx:beforeOnLoad", () => setSignedOut(false));

document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status === 401) {
    setSignedOut(true);
    again = signIn(detail.elt.closest("form"));
    say("You are signed out. Nothing you typed is lost: sign in, and go on.");
  }
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (signedOut && !event.detail.requestConfig.triggeringEvent) {
    event.preventDefault();
  }
});

// An address that is read out can be copied, where the browser lets a page do that.
document.addEventListener("htmx:load", () => {
  for (const copy of document.querySelectorAll(".read-out button")) {
    copy.hidden = !navigator.clipboard;
  }
});

document.addEventListener("click", async ({ target }) => {
  const address = target.closest(".read-out button")?.parentElement.querySelector("code");
  if (!address) {
    return;
  }
  try {
    await navigator.clipboard.writeText(address.textContent);
    target.textContent = "Copied";
  } catch {
    window.getSelection().selectAllChildren(address);
    target.textContent = "Selected: copy it by hand";
  }
});
