// Everything works without this script. With it, parts that change are refreshed, and values can be copied.
"use strict";

// Takes the parts marked data-live from a fresh copy of this page; a part in which somebody types or has ticked something stays as it is.
async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) {
    return;
  }

  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live][id]")) {
    const next = page.getElementById(part.id);
    if (next && !part.contains(document.activeElement) && !part.querySelector("input:checked") && next.innerHTML !== part.innerHTML) {
      part.innerHTML = next.innerHTML;
      part.classList.remove("fresh");
      requestAnimationFrame(() => part.classList.add("fresh"));
    }
  }
}

function listen() {
  if (!document.querySelector("[data-live]") || !window.EventSource) {
    return;
  }

  let waiting = false;
  let again = false;
  const source = new EventSource("/live");
  const news = async () => {
    if (waiting) {
      again = true;
      return;
    }

    waiting = true;
    do {
      again = false;
      try {
        await refresh();
      } catch {
        // The next change asks anew; what is shown keeps its time of day.
        break;
      }
    } while (again);
    waiting = false;
  };
  source.addEventListener("changed", news);
  // What changed between the page and the line, or while the line was lost.
  source.addEventListener("hello", news);
}

function copyButtons() {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
      button.textContent = button.dataset.done;
    });
  }
}

listen();
copyButtons();
