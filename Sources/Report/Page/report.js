// Sorting of tables, and zoom of the picture over time. Without it the page is whole.
"use strict";
document.documentElement.classList.add("scripted");

// What the reader chose. It outlives the elements: a page that follows a watch puts new ones in their place.
const chosen = { sort: null, zoom: null };

const sortRows = table => {
  const { column, descends } = chosen.sort;
  const heads = [...table.tHead.rows[0].cells];
  for (const head of heads) head.removeAttribute("aria-sort");
  heads[column].setAttribute("aria-sort", descends ? "descending" : "ascending");
  const value = row => row.cells[column].dataset.value ?? row.cells[column].textContent;
  const isNumber = heads[column].classList.contains("number");
  const rows = [...table.tBodies[0].rows].sort((one, other) => {
    const order = isNumber ? value(one) - value(other) : value(one).localeCompare(value(other));
    return descends ? -order : order;
  });
  table.tBodies[0].append(...rows);
};

const prepareTable = table => {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    head.querySelector("button")?.addEventListener("click", () => {
      chosen.sort = { column, descends: head.getAttribute("aria-sort") !== "descending" };
      sortRows(table);
    });
  });
  if (chosen.sort) sortRows(table);
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
      const time = new Date((start + from + shown * index / (axis.length - 1)) * 1000).toISOString();
      label.textContent = shown < 40 ? time.slice(11, 21) : shown < 86400 ? time.slice(11, 19) : time.slice(0, 16).replace("T", " ");
    });
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
  draw();
};

const prepare = part => {
  for (const table of part.querySelectorAll("table.sortable")) prepareTable(table);
  for (const plot of part.querySelectorAll(".plot")) preparePlot(plot);
};
prepare(document);
