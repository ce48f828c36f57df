// What makes the explorer quicker to use: arrow keys, and pages that change in place. Nothing
// needs it: every step is a link, every search a form.
"use strict";

const main = () => document.querySelector("main");
const offers = () => [...document.querySelectorAll("#offers a")];

// Return the page at an address, and where it was in the end; nothing where nobody answers.
async function fetched(address) {
  try {
    const answer = await fetch(address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return { page, address: answer.url };
  } catch {
    say("The explorer does not answer: it has been stopped.");
    return null;
  }
}

// Show the page at an address in place of this one, and let the focus stay where it makes sense.
async function show(address, { push = true, focus = "" } = {}) {
  document.body.setAttribute("aria-busy", "true");
  const found = await fetched(address);
  document.body.removeAttribute("aria-busy");
  if (found) put(found, push, focus);
}

function put({ page, address }, push, focus) {
  if (!page.querySelector("main")) {
    location.assign(address);
    return;
  }
  document.title = page.title;
  main().replaceWith(document.adoptNode(page.querySelector("main")));
  if (push && address !== location.href) history.pushState(null, "", address);
  arrived();
  const target = (focus && document.querySelector(focus)) || (push && main());
  if (target) target.focus({ preventScroll: true });
}

function say(words) {
  let place = document.getElementById("said-by-script");
  if (!place) {
    place = document.createElement("p");
    place.id = "said-by-script";
    place.className = "notice";
    place.setAttribute("role", "alert");
    main().prepend(place);
  }
  place.textContent = words;
}

// What is to be done with a page that has just come: the address that keeps, the end of the run.
function arrived() {
  const permalink = document.getElementById("permalink");
  const found = new URLSearchParams(location.search).get("found");
  if (permalink) {
    const address = new URL(permalink.href);
    if (found) address.searchParams.set("found", found);
    history.replaceState(null, "", address);
  }
  const picture = document.getElementById("picture");
  if (picture) picture.scrollTop = picture.scrollHeight;
  const steps = document.querySelector(".steps");
  const current = document.querySelector(".steps [aria-current]");
  if (current) steps.scrollTop = current.offsetTop - steps.offsetTop - steps.clientHeight / 2;
  if (document.querySelector("[data-refresh]")) setTimeout(refresh, 400);
}

// While a search is under way, only its numbers change.
async function refresh() {
  if (!document.querySelector("[data-refresh]")) return;
  const found = await fetched(location.href);
  const numbers = document.getElementById("numbers");
  if (!found || !numbers) return;
  const now = found.page.getElementById("numbers");
  if (now) {
    numbers.textContent = now.textContent;
    setTimeout(refresh, 400);
  } else {
    put(found, true, "");
  }
}

function focusAfter(link) {
  if (link.rel === "prev" || link.rel === "next") return `a[rel=${link.rel}]`;
  return link.closest("#offers") ? "#offers a" : "";
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const row = event.target.closest("#picture [data-row]");
  const step = row && document.querySelector(`.steps a[data-step="${row.dataset.row}"]`);
  const link = event.target.closest("main a[href]") || step;
  if (!link) return;
  const address = typeof link.href === "string" ? link.href : link.href.baseVal;
  event.preventDefault();
  show(address, { focus: focusAfter(link) });
});

addEventListener("popstate", () => show(location.href, { push: false }));

document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable], .picture, pre")) return;
  const there = { ArrowLeft: "a[rel=prev]", ArrowRight: "a[rel=next]" }[event.key];
  if (there) {
    const link = document.querySelector(there);
    if (!link) return;
    event.preventDefault();
    show(link.href, { focus: document.activeElement.closest("#offers") ? "#offers a" : "" });
  }
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (by && offers().length) {
    event.preventDefault();
    const all = offers();
    const at = all.indexOf(document.activeElement);
    all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))].focus();
  }
});

arrived();
