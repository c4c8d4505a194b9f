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

window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    window.location.reload();
  }
});
