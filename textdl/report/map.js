"use strict";

// Maps of words: which names are shown at which zoom, the search, and the colours of the theme.

const MOST_NAMES = 70;

function colour(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function paint(plot, named) {
  const [ink, faint, paper, series, second] = ["ink", "faint", "paper", "series-1", "series-2"].map(colour);
  plot.background_fill_color = paper;
  plot.border_fill_color = paper;
  named("dots").glyph.fill_color = series;
  named("found").glyph.fill_color = second;
  named("found").glyph.line_color = ink;
  named("names").glyph.text_color = ink;
  named("found-names").glyph.text_color = ink;
  named("found-names").glyph.background_fill_color = paper;
}

// The most frequent words in view, as far as their names don't lie on each other.
function showNames(plot, words, names) {
  const { start: left, end: right } = plot.x_range;
  const { start: low, end: high } = plot.y_range;
  const across = (plot.inner_width || 800) / (right - left), up = (plot.inner_height || 500) / (high - low);
  const taken = [], shown = { x: [], y: [], word: [] };
  for (let i = 0; i < words.word.length && taken.length < MOST_NAMES; i++) {
    const x = words.x[i], y = words.y[i];
    if (x < left || x > right || y < low || y > high) continue;
    const box = { x: x * across, y: y * up, width: 10 + 7 * words.word[i].length };
    const free = taken.every((other) =>
      Math.abs(box.y - other.y) > 15 || box.x > other.x + other.width || other.x > box.x + box.width);
    if (!free) continue;
    taken.push(box);
    shown.x.push(x); shown.y.push(y); shown.word.push(words.word[i]);
  }
  names.data = shown;
}

function search(text, plot, words, found, output) {
  const wanted = text.trim().toLowerCase();
  const matches = [];
  if (wanted) {
    words.word.forEach((word, i) => { if (word.toLowerCase().includes(wanted)) matches.push(i); });
    const rank = (i) => [wanted === words.word[i].toLowerCase(), words.word[i].toLowerCase().startsWith(wanted)];
    matches.sort((a, b) => rank(b)[0] - rank(a)[0] || rank(b)[1] - rank(a)[1] || a - b);
  }
  const shown = matches.slice(0, 30);
  found.data = {
    x: shown.map((i) => words.x[i]), y: shown.map((i) => words.y[i]), word: shown.map((i) => words.word[i]),
  };
  output.textContent = !wanted ? "" : matches.length ? `${matches.length} found` : "not on the map";
  for (const [range, places] of [[plot.x_range, words.x], [plot.y_range, words.y]]) {
    const tenth = (range.reset_end - range.reset_start) / 10, place = places[matches[0]];
    if (matches.length) range.setv({ start: place - tenth, end: place + tenth });
    else if (!wanted) range.setv({ start: range.reset_start, end: range.reset_end });
  }
}

async function draw(place) {
  const item = JSON.parse(place.querySelector("script").textContent);
  const plotPlace = place.querySelector(".plot");
  const views = await Bokeh.embed.embed_item(item, plotPlace);
  const plot = views.roots ? views.roots[0].model : [...views][0].model;
  const named = (name) => plot.select_one(name);
  const words = named("dots").data_source.data;
  const update = () => showNames(plot, words, named("names").data_source);
  let waiting = 0;
  for (const range of [plot.x_range, plot.y_range]) {
    range.change.connect(() => {
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(update);
    });
  }
  const input = place.querySelector("input"), output = place.querySelector("output");
  input.addEventListener("input", () => {
    search(input.value, plot, words, named("found").data_source, output);
  });
  document.addEventListener("themechange", () => paint(plot, named));
  paint(plot, named);
  update();
  place.dataset.drawn = "yes";
}

// Maps are drawn one by one when there is time: a printer doesn't wait for one that isn't.
const soon = window.requestIdleCallback ?? setTimeout;
async function drawNext([place, ...others]) {
  if (!place) return;
  await draw(place);
  soon(() => drawNext(others));
}
soon(() => drawNext(document.querySelectorAll(".map")));
