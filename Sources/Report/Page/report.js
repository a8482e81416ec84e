// Sorting of tables, and zoom of the picture over time. Without it the page is whole.
"use strict";
document.documentElement.classList.add("scripted");

for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = head.querySelector("button");
    if (!button) return;
    button.addEventListener("click", () => {
      const descends = head.getAttribute("aria-sort") !== "descending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", descends ? "descending" : "ascending");
      const rows = [...table.tBodies[0].rows];
      const value = row => row.cells[column].dataset.value ?? row.cells[column].textContent;
      const isNumber = head.classList.contains("number");
      rows.sort((one, other) => {
        const order = isNumber ? value(one) - value(other) : value(one).localeCompare(value(other));
        return descends ? -order : order;
      });
      table.tBodies[0].append(...rows);
    });
  });
}

const plot = document.querySelector(".plot");
if (plot) {
  const width = 10000;
  const start = Number(plot.dataset.start), seconds = Number(plot.dataset.seconds);
  const height = plot.viewBox.baseVal.height;
  const span = document.querySelector("#span"), earlier = document.querySelector("#earlier"), later = document.querySelector("#later");
  const axis = [...document.querySelectorAll(".axis span")];
  let from = 0, shown = seconds;
  const draw = () => {
    from = Math.max(0, Math.min(from, seconds - shown));
    plot.setAttribute("viewBox", `${from / seconds * width} 0 ${shown / seconds * width} ${height}`);
    axis.forEach((label, index) => {
      const time = new Date((start + from + shown * index / (axis.length - 1)) * 1000).toISOString();
      label.textContent = shown < 40 ? time.slice(11, 21) : shown < 86400 ? time.slice(11, 19) : time.slice(0, 16).replace("T", " ");
    });
    earlier.disabled = from <= 0;
    later.disabled = from + shown >= seconds;
  };
  for (const option of [...span.options]) {
    if (option.value !== "all" && Number(option.value) >= seconds) option.remove();
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
}
