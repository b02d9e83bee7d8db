"use strict";

// Tables: a click on a heading sorts by its column, numbers by value, the largest first, and what is no
// number behind them.

function valueOf(cell) {
  const text = cell.textContent.trim();
  const number = text.match(/^[≥~]?\s*(-?[\d,]*\.?\d+(?:e[-+]?\d+)?)(?=$|[\s%×])/i);
  return number ? Number(number[1].replaceAll(",", "")) : text;
}

const { compare } = new Intl.Collator("en", { numeric: true });

function sortBy(table, column, heading) {
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [valueOf(row.cells[column]), row]);
  const before = heading.getAttribute("aria-sort");
  const numbers = rows.some(([value]) => typeof value === "number");
  const direction = { ascending: "descending", descending: "ascending" }[before]
    ?? (numbers ? "descending" : "ascending");
  const sign = direction === "ascending" ? 1 : -1;
  const order = (a, b) => typeof a === "number" ? a - b : compare(a, b);
  rows.sort(([a], [b]) => typeof a === typeof b ? sign * order(a, b) : typeof a === "number" ? -1 : 1);
  body.append(...rows.map(([, row]) => row));
  for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", direction);
}

for (const table of document.querySelectorAll("table")) {
  if (table.tBodies[0].rows.length < 2) continue;
  for (const heading of table.tHead.querySelectorAll("th")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    button.addEventListener("click", () => sortBy(table, heading.cellIndex, heading));
    heading.replaceChildren(button);
  }
}

// The theme: that of the system until the button is used, which a browser remembers.

const theme = document.getElementById("theme");
const system = matchMedia("(prefers-color-scheme: dark)");

function remembered() {
  try { return localStorage.getItem("textdl-theme"); } catch { return null; }
}

function isDark() {
  const chosen = document.documentElement.style.colorScheme;
  return chosen ? chosen === "dark" : system.matches;
}

function setTheme(name) {
  document.documentElement.style.colorScheme = name ?? "";
  document.documentElement.dataset.theme = isDark() ? "dark" : "light";
  theme.textContent = isDark() ? "Light" : "Dark";
  theme.setAttribute("aria-label", `Switch to the ${isDark() ? "light" : "dark"} theme`);
  document.dispatchEvent(new Event("themechange"));
}

theme.hidden = false;
theme.addEventListener("click", () => {
  const name = isDark() ? "light" : "dark";
  try { localStorage.setItem("textdl-theme", name); } catch { /* it is not remembered then */ }
  setTheme(name);
});
system.addEventListener("change", () => setTheme(remembered()));
setTheme(remembered());
