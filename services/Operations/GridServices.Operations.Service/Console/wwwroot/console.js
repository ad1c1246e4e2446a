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

// A pointer drawn from one day to another writes the span into the form below; each day is a link, too, for keys and without script.
function dayGrids() {
  for (const grid of document.querySelectorAll("[data-days]")) {
    const days = [...grid.querySelectorAll("a[data-day]")];
    const form = grid.parentElement.querySelector("form");
    const at = event => days.indexOf(document.elementFromPoint(event.clientX, event.clientY)?.closest("a[data-day]"));
    let first = -1;
    let last = -1;
    const span = () => days.slice(Math.min(first, last), Math.max(first, last) + 1);
    const show = () => days.forEach(day => span().includes(day) ? day.setAttribute("aria-current", "date") : day.removeAttribute("aria-current"));
    grid.addEventListener("pointerdown", event => { first = last = event.pointerType === "mouse" && event.button === 0 ? at(event) : -1; });
    grid.addEventListener("pointermove", event => {
      const here = first < 0 || event.buttons === 0 ? -1 : at(event);
      if (here >= 0 && here !== last) {
        last = here;
        show();
      }
    });
    grid.addEventListener("click", event => {
      // A press and release on one day is the link's own.
      if (first >= 0 && first !== last) {
        event.preventDefault();
      }
    });
    document.addEventListener("pointerup", () => {
      if (first >= 0 && first !== last) {
        const chosen = span();
        form.elements.from.value = `${chosen[0].dataset.day}T00:00`;
        form.elements.until.value = `${chosen.at(-1).dataset.next}T00:00`;
        form.elements.from.focus();
      }

      first = -1;
    });
  }
}

listen();
copyButtons();
dayGrids();
