// What HTML cannot do: say that a request is under way, say that it failed, and wake a page that Back restored.
const main = document.getElementById("main");
const connection = document.getElementById("connection");

document.addEventListener("htmx:beforeRequest", () => {
  main.setAttribute("aria-busy", "true");
  connection.textContent = "";
});

document.addEventListener("htmx:afterRequest", () => main.removeAttribute("aria-busy"));

for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, () => {
    connection.textContent = "There is no connection. Nothing was lost: try again in a moment.";
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

window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    window.location.reload();
  }
});
