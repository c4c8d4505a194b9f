// This script does for the desk what static/site.js, which comes before it, does for all pages: it says what others have
// changed on a day that is open, and that a session is over; it carries what is typed to the page in another language; and
// it copies an address that is read out.

// What this script says, in the language of the page, which has the words on the script's own element.
const deskWords = document.currentScript.dataset;

// What has changed is said once, without moving the focus or anything else. The element that says it has the sentences.
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

// The words in brackets stand for what is put there. A name may have characters that mean something to `replace`.
function sentence(pattern, { who, standing }) {
  return pattern.replace("[appointment]", () => who).replace("[state]", () => standing);
}

function news(before, now, { one, gone, several }) {
  const isNew = ([key, row]) => !before.has(key) || sentence(one, before.get(key)) !== sentence(one, row);
  const changed = [...now].filter(isNew).map(([, row]) => sentence(one, row));
  const missing = [...before].filter(([key]) => !now.has(key)).map(([, row]) => sentence(gone, row));
  const all = [...changed, ...missing];
  return all.length > 1 ? several.replace("[count]", all.length) : all.join("");
}

let before = null;

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  before = detail.shouldSwap && detail.target.id === "timetable" ? shownNow() : null;
});

document.addEventListener("htmx:afterSwap", () => {
  const element = document.getElementById(NEWS);
  const said = before && news(before, shownNow(), element.dataset);
  before = null;
  if (said) {
    element.textContent = said;
  }
});

// A page that asks by itself is answered 401 once nobody is signed in. It says that once, and asks no more by itself.
let signedOut = false;
const tryAgainWords = tryAgain.textContent;

function setSignedOut(is) {
  signedOut = is;
  tryAgain.textContent = is ? deskWords.signIn : tryAgainWords;
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
    say(deskWords.signedOut);
  }
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (signedOut && !event.detail.requestConfig.triggeringEvent) {
    event.preventDefault();
  }
});

// The switch of the language opens the page once more, with what was typed into it. On any page but the one of a caller's
// booking, which reads it here, static/site.js forgets what is kept under such a name.
const IN_ANOTHER_LANGUAGE = `${OF_CALLER}before the language was changed`;
const typed = new Set();

function fields() {
  return [...document.querySelectorAll("main form:not(.own-login) :is(input, select, textarea)")];
}

function hasAMark({ type }) {
  return ["checkbox", "radio"].includes(type);
}

// What finds a field on the same page in another language. Several that can be marked have one name.
function nameOf({ form, name }) {
  return `${form.getAttribute("action")} ${name}`;
}

function keyOf(field) {
  return hasAMark(field) ? `${nameOf(field)} ${field.value}` : nameOf(field);
}

document.addEventListener("input", ({ target }) => {
  if (fields().includes(target) && target.type !== "file") {
    typed.add(nameOf(target));
  }
});

// A page that shows once more what was sent names in its form what is not as it is in force.
function isTyped(field) {
  return typed.has(nameOf(field)) || (field.form.dataset.typed ?? "").split(" ").includes(field.name);
}

// What a form says of the page that was shown goes with what is typed: it is compared with what is true once that is sent,
// and the same page in another language may have been made after somebody else has changed something.
const AS_SHOWN = ["was", "seen", "known"];

function saysWhatWasShown(field) {
  return AS_SHOWN.includes(field.name) && field.form.elements.namedItem(field.name) === field;
}

function withWhatWasShown(changed) {
  const forms = new Set(changed.map(({ form }) => form));
  return [...changed, ...fields().filter((field) => forms.has(field.form) && saysWhatWasShown(field))];
}

// Another page has nothing typed in it yet. One that says what is wrong is the same one.
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target === main && detail.xhr.status < 400) {
    typed.clear();
  }
});

document.addEventListener("submit", ({ target }) => {
  if (target.matches(".languages")) {
    const changed = withWhatWasShown(fields().filter(isTyped));
    const states = changed.map((field) => [keyOf(field), hasAMark(field) ? field.checked : field.value]);
    sessionStorage.setItem(IN_ANOTHER_LANGUAGE, JSON.stringify([window.location.pathname, ...states]));
  }
});

function carryOver() {
  const [page, ...states] = JSON.parse(sessionStorage.getItem(IN_ANOTHER_LANGUAGE) ?? "[]");
  sessionStorage.removeItem(IN_ANOTHER_LANGUAGE);
  const before = new Map(page === window.location.pathname ? states : []);
  for (const field of fields().filter((field) => before.has(keyOf(field)))) {
    field[hasAMark(field) ? "checked" : "value"] = before.get(keyOf(field));
    field.closest("details")?.setAttribute("open", "");
    typed.add(nameOf(field));
  }
}

carryOver();

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
    target.textContent = deskWords.copied;
  } catch {
    window.getSelection().selectAllChildren(address);
    target.textContent = deskWords.selected;
  }
});
