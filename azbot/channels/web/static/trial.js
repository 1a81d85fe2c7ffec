/* Opens the service without leaving the page, and goes on once azbot has started again:
   it is away for a moment then, and could not give another page, or this script. */
const EVERY = 700;
const form = document.querySelector("form[data-switch]");

// A server that stops may leave a question without an answer.
const patience = () => AbortSignal.timeout(5000);

/** Until azbot is back, its trial answers, or nobody does. */
async function isOver() {
  try {
    const answer = await fetch("/admin/trial", { cache: "no-store", signal: patience() });
    return answer.status === 404;
  } catch {
    return false;
  }
}

async function wait() {
  if (await isOver()) location.replace("/admin/health");
  else setTimeout(wait, EVERY);
}

/** Show what the answer says in the place of what was asked. */
function show(text) {
  const told = new DOMParser().parseFromString(text, "text/html");
  document.querySelector("main").replaceWith(told.querySelector("main"));
  document.querySelector(".trial")?.remove();
  document.title = told.title;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.action, { method: "POST", body });
  if (!answer.ok) {
    location.reload();
    return;
  }
  show(await answer.text());
  wait();
});
