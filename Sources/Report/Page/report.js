// The table of leaks sorted, filtered and grouped, the picture over time zoomed, and times in the reader's zone. Without it the
// page is whole.
"use strict";
document.documentElement.classList.add("scripted");

// What the reader chose. It outlives the elements: a page that follows a watch puts new ones in their place.
const chosen = { sort: null, zoom: null, filter: "", group: "", toggled: new Set(), isLocal: false };

// Of a clock's time, `2026-11-23T23:59:54.674011Z`, what the device calls it; digits below a second stay.
const offset = date => {
  const minutes = -date.getTimezoneOffset(), two = number => String(Math.floor(number)).padStart(2, "0");
  return `UTC${minutes < 0 ? "\u2212" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
};
const shifted = date => new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString();
const localTime = (coded, digits) => {
  const date = new Date(coded.slice(0, 19) + "Z");
  return Number.isNaN(date.getTime()) ? coded
    : `${shifted(date).slice(0, 19).replace("T", " ")}${digits ? coded.slice(19, -1) : ""} ${offset(date)}`;
};
const utcTime = (coded, digits) => `${coded.slice(0, digits ? -1 : 19).replace("T", " ")} UTC`;

const tellTimes = part => {
  for (const time of part.querySelectorAll("time[datetime]")) {
    const coded = time.dateTime;
    if (time.classList.contains("clock")) {
      time.dataset.digits ??= time.textContent.includes(".") ? "yes" : "";
      const digits = time.dataset.digits !== "";
      time.textContent = chosen.isLocal ? localTime(coded, digits) : utcTime(coded, digits);
      time.title = chosen.isLocal ? utcTime(coded, true) : localTime(coded, true);
    } else {
      time.title = chosen.isLocal ? `${localTime(coded, true)}; ${utcTime(coded, true)}` : `${utcTime(coded, true)}; ${localTime(coded, true)}`;
    }
  }
  for (const plot of part.querySelectorAll(".plot")) plot.tellTimes?.();
};

const rowsShown = 50;
const value = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent;

// What a person reads of a row without opening anything.
const wordsOf = row => [...row.cells].map(cell => {
  const copy = cell.cloneNode(true);
  for (const details of copy.querySelectorAll("details")) details.remove();
  return copy.textContent;
}).join(" ").toLowerCase();

const sorted = (rows, heads) => {
  if (!chosen.sort) return rows;
  const { column, descends } = chosen.sort;
  const isNumber = heads[column].classList.contains("number");
  return [...rows].sort((one, other) => {
    const order = isNumber ? value(one, column) - value(other, column) : value(one, column).localeCompare(value(other, column));
    return descends ? -order : order;
  });
};

const groupHead = (table, key, rows, isOpen) => {
  const heads = table.tHead.rows[0].cells, last = heads.length - 1;
  const count = rows.reduce((sum, row) => sum + Number(value(row, last)), 0), unit = heads[last].textContent;
  const row = document.createElement("tr"), head = document.createElement("th"), button = document.createElement("button");
  const name = document.createElement("bdi");
  row.className = "group";
  head.colSpan = heads.length;
  head.scope = "rowgroup";
  button.type = "button";
  button.dataset.group = key;
  button.setAttribute("aria-expanded", String(isOpen));
  name.textContent = key || "nobody known";
  button.append(name, `: ${rows.length} ${rows.length === 1 ? "row" : "rows"}, ${count.toLocaleString("en")} ${count === 1 ? unit.slice(0, -1) : unit}`);
  button.addEventListener("click", () => {
    chosen.toggled.has(key) ? chosen.toggled.delete(key) : chosen.toggled.add(key);
    arrange(table);
    [...table.querySelectorAll("button[data-group]")].find(other => other.dataset.group === key)?.focus();
  });
  head.append(button);
  row.append(head);
  return row;
};

// Puts the rows that are asked for in their order and groups. Many rows are folded: groups at first, else all behind the first.
const arrange = table => {
  const heads = [...table.tHead.rows[0].cells], rows = table.leaks, box = document.querySelector("#all-leaks");
  for (const part of box ? [box, ...box.labels] : []) part.hidden = chosen.group !== "";
  for (const head of heads) head.removeAttribute("aria-sort");
  if (chosen.sort) heads[chosen.sort.column].setAttribute("aria-sort", chosen.sort.descends ? "descending" : "ascending");
  const words = chosen.filter.toLowerCase().split(/\s+/).filter(Boolean);
  const found = sorted(rows.filter(row => words.every(word => row.words.includes(word))), heads);
  for (const body of [...table.tBodies]) body.remove();
  table.classList.add("arranged");
  const groups = new Map(chosen.group ? [] : [["", found]]);
  if (chosen.group) {
    for (const row of found) {
      const key = value(row, Number(chosen.group));
      groups.has(key) ? groups.get(key).push(row) : groups.set(key, [row]);
    }
  }
  for (const [key, members] of groups) {
    const body = table.createTBody();
    let isOpen = true;
    if (chosen.group) {
      isOpen = (found.length <= rowsShown) !== chosen.toggled.has(key);
      body.append(groupHead(table, key, members, isOpen));
    }
    members.forEach((row, index) => { row.hidden = chosen.group ? !isOpen : index >= rowsShown && box?.checked === false; });
    body.append(...members);
  }
  const told = document.querySelector("#matches");
  if (told) {
    told.textContent = (words.length > 0 ? `${found.length} of ${rows.length} rows` : "")
      + (chosen.group ? `${words.length > 0 ? " in " : ""}${groups.size} ${groups.size === 1 ? "group" : "groups"}` : "");
  }
};

const prepareTable = (table, part) => {
  table.leaks = [...table.tBodies[0].rows];
  for (const row of table.leaks) row.words = wordsOf(row);
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    head.querySelector("button")?.addEventListener("click", () => {
      chosen.sort = { column, descends: head.getAttribute("aria-sort") !== "descending" };
      arrange(table);
    });
  });
  const filter = part.querySelector("#filter"), group = part.querySelector("#group"), box = part.querySelector("#all-leaks");
  if (filter && group) {
    filter.value = chosen.filter;
    group.value = chosen.group;
    filter.addEventListener("input", () => { chosen.filter = filter.value; arrange(table); });
    group.addEventListener("change", () => { chosen.group = group.value; chosen.toggled.clear(); arrange(table); });
  }
  box?.addEventListener("change", () => arrange(table));
  arrange(table);
};

const preparePlot = plot => {
  const width = 10000;
  const start = Number(plot.dataset.start), seconds = Number(plot.dataset.seconds);
  const height = plot.viewBox.baseVal.height;
  const span = document.querySelector("#span"), earlier = document.querySelector("#earlier"), later = document.querySelector("#later");
  const axis = [...document.querySelectorAll(".axis span")];
  for (const option of [...span.options]) {
    if (option.value !== "all" && Number(option.value) >= seconds) option.remove();
  }
  let from = 0, shown = seconds;
  const draw = () => {
    from = Math.max(0, Math.min(from, seconds - shown));
    // Whoever looks at the end sees what comes.
    chosen.zoom = span.value === "all" ? null : { span: span.value, from: start + from, isAtEnd: from + shown >= seconds };
    plot.setAttribute("viewBox", `${from / seconds * width} 0 ${shown / seconds * width} ${height}`);
    axis.forEach((label, index) => {
      const date = new Date((start + from + shown * index / (axis.length - 1)) * 1000);
      const time = chosen.isLocal ? shifted(date) : date.toISOString();
      label.textContent = shown < 4 ? time.slice(11, 23) : shown < 40 ? time.slice(11, 21) : shown < 86400 ? time.slice(11, 19) : time.slice(0, 16).replace("T", " ");
    });
    const zone = document.querySelector(".zone");
    if (zone) zone.textContent = chosen.isLocal ? offset(new Date(start * 1000)) : "UTC";
    earlier.disabled = from <= 0;
    later.disabled = from + shown >= seconds;
  };
  if (chosen.zoom && [...span.options].some(option => option.value === chosen.zoom.span)) {
    span.value = chosen.zoom.span;
    shown = Number(span.value);
    from = chosen.zoom.isAtEnd ? seconds : chosen.zoom.from - start;
  }
  const center = Number(plot.dataset.center);
  span.addEventListener("change", () => {
    const middle = shown < seconds ? from + shown / 2 : center;
    shown = span.value === "all" ? seconds : Number(span.value);
    from = middle - shown / 2;
    draw();
  });
  earlier.addEventListener("click", () => { from -= shown / 2; draw(); });
  later.addEventListener("click", () => { from += shown / 2; draw(); });
  plot.tellTimes = draw;
  draw();
};

const prepare = part => {
  for (const table of part.querySelectorAll("table.sortable")) prepareTable(table, part);
  for (const plot of part.querySelectorAll(".plot")) preparePlot(plot);
  tellTimes(part);
};
prepare(document);

const clock = document.querySelector("#local-time");
document.querySelector("#zone").textContent = ` (${offset(new Date())})`;
clock.addEventListener("change", () => {
  chosen.isLocal = clock.checked;
  tellTimes(document);
});
