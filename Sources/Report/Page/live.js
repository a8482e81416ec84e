
// Follows a watch: an alert, or two seconds, bring the page anew. Parts that did not change stay as they are; in those
// that did, what the reader has sorted, opened, zoomed and focused is as it was.
const live = document.querySelector("#live"), said = document.querySelector("#said");
const parts = page => [...page.querySelectorAll("body > header, main > [id]")];
// Without a user and password that the address of the page may have brought.
const here = path => location.origin + path;
const name = part => part.id || "header";
let sources = new Map(parts(document).map(part => [name(part), part.outerHTML]));
let isAsking = false, isSoon = false, timer = 0, events = null;

// A row of the table of leaks is known by its texts, which grow in count and last time alone.
const detailsKey = details => {
  const row = details.closest("tr");
  return [details.className, ...(row ? [0, 1, 2, 3, 5].map(column => row.cells[column].dataset.value) : [])].join("\n");
};

const focusKey = element => {
  if (element.id === "filter") {
    const { selectionStart, selectionEnd } = element;
    return page => {
      const filter = page.querySelector("#filter");
      filter?.setSelectionRange(selectionStart, selectionEnd);
      return filter;
    };
  }
  if (element.dataset.group !== undefined) {
    return page => [...page.querySelectorAll("button[data-group]")].find(button => button.dataset.group === element.dataset.group);
  }
  if (element.id) return page => page.querySelector(`#${CSS.escape(element.id)}`);
  if (element.matches("summary")) {
    const key = detailsKey(element.parentElement);
    return page => [...page.querySelectorAll("details")].find(details => detailsKey(details) === key)?.firstElementChild;
  }
  const column = element.closest("th")?.cellIndex;
  return page => column === undefined ? null : page.querySelectorAll("th")[column]?.querySelector("button");
};

const replace = (old, fresh) => {
  const open = new Set([...old.querySelectorAll("details[open]")].map(detailsKey));
  const focus = old.contains(document.activeElement) ? focusKey(document.activeElement) : null;
  const checked = [...old.querySelectorAll("input:checked")].map(box => box.id);
  old.replaceWith(fresh);
  for (const box of fresh.querySelectorAll("input")) box.checked = checked.includes(box.id);
  for (const details of fresh.querySelectorAll("details")) details.open = open.has(detailsKey(details));
  prepare(fresh);
  focus?.(fresh)?.focus({ preventScroll: true });
};

const show = page => {
  const main = document.querySelector("main"), fresh = parts(page), known = new Map(parts(document).map(part => [name(part), part]));
  let before = null;
  const now = new Map();
  for (const part of fresh) {
    const key = name(part), old = known.get(key), source = part.outerHTML;
    now.set(key, source);
    known.delete(key);
    if (!old) {
      before ? before.after(part) : main.prepend(part);
      prepare(part);
    } else if (sources.get(key) !== source) {
      replace(old, part);
    }
    if (key !== "header") before = document.getElementById(key);
  }
  for (const gone of known.values()) gone.remove();
  sources = now;
  document.body.className = page.body.className;
  document.title = page.title;
};

// What cannot be asked is not known: an old page must not pass for what is so now.
const lose = () => {
  if (document.body.classList.contains("lost")) return;
  document.body.className = "incomplete lost";
  document.title = "leakaudit: no answer";
  document.querySelector("header h1").textContent = "No answer";
  document.querySelector("header p").textContent = `The audit does not answer any more. All below is as of ${live.dataset.time} UTC; whether something leaks now is not known.`;
  said.textContent = "The audit does not answer.";
  live.textContent = "Not live.";
  sources.delete("header");
};

const look = (page = document) => {
  live.dataset.time = page.querySelector("#live").dataset.time;
  live.textContent = `Live: as of ${live.dataset.time} UTC.`;
};

const plan = milliseconds => {
  clearTimeout(timer);
  timer = setTimeout(ask, milliseconds);
};

const ask = async () => {
  if (isAsking) return;
  isAsking = true;
  isSoon = false;
  try {
    const answer = await fetch(here("/"), { cache: "no-store", signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    // Somebody else may answer there now.
    if (!page.querySelector("#live") || !page.querySelector("header > h1")) throw new Error("no page of a watch");
    if (document.body.classList.contains("lost")) said.textContent = "The audit answers again.";
    show(page);
    look(page);
    listen();
  } catch {
    lose();
  }
  isAsking = false;
  if (document.visibilityState === "visible") plan(isSoon ? 300 : 2000);
};

// Whatever the wire called itself is text in one line.
const plain = text => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\uFFFD");
const sentence = event => event.schema === "leakaudit.notice/1"
  ? event.text
  : [event.severity, event.reason, event.questions.join(", ") || event.title,
     event.origin ? `by ${event.origin}` : "", event.destination ? `to ${event.destination}` : ""].filter(Boolean).join(" ");

const listen = () => {
  if (events && events.readyState !== EventSource.CLOSED) return;
  events = new EventSource(here("/events"));
  let missed = "";
  const tell = words => {
    const text = document.createElement("bdi");
    text.textContent = plain(missed + words);
    said.replaceChildren(text);
    // The first of many does not wait for the last.
    if (!isSoon) plan(300);
    isSoon = true;
  };
  events.addEventListener("message", message => {
    const event = JSON.parse(message.data);
    tell(`${event.time ? `${event.time.slice(11, 19)} ` : ""}${sentence(event)}`);
  });
  // Comes before those events that are kept, which must not wipe it out.
  events.addEventListener("given-up", message => {
    const { events: count, worst } = JSON.parse(message.data);
    missed = `${count} before, the worst of them ${worst}, came too fast for this page: see the table of leaks. `;
    tell("");
  });
};

// A browser holds few connections to one place: pages that nobody looks at leave theirs to others.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") return ask();
  clearTimeout(timer);
  events?.close();
});
look();
listen();
plan(2000);
