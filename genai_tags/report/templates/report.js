"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const items = data.rows.map((_, i) => byId("e" + i));
  const shown = new Uint8Array(items.length).fill(1);
  const LANE = data.lane, FOOT = LANE - 1, SVG = "http://www.w3.org/2000/svg";
  const blocked = (i) => items[i].dataset.verdict === "may not ship";
  const strips = [];
  let chosen = -1;

  // ---------------------------------------------------------------- the strips

  class Strip {
    constructor(box) {
      this.box = box;
      this.cut = data.cuts[+box.dataset.cut];
      this.view = box.querySelector(".view");
      this.svg = box.querySelector("svg");
      this.mark = box.querySelector(".mark");
      this.whole = [this.cut.start, Math.max(this.cut.end, this.cut.start + 0.001)];
      this.from = this.whole[0];
      this.to = this.whole[1];
      this.lane = new Map();
      this.cut.lanes.forEach((rows, n) => rows.forEach((i) => this.lane.set(i, n)));
      this.order = [...this.lane.keys()].sort((a, b) => data.rows[a][0] - data.rows[b][0] || this.lane.get(a) - this.lane.get(b));
      this.at = new Map(this.order.map((i, n) => [i, n]));
      box.querySelectorAll("[data-zoom]").forEach((b) => b.addEventListener("click", () => this.zoom(b.dataset.zoom)));
      box.querySelector("[data-next]").addEventListener("click", () => this.step(1, blocked));
      this.view.addEventListener("keydown", (e) => this.key(e));
      this.view.addEventListener("click", (e) => { const i = this.hit(e); if (i >= 0) choose(i, true, true); });
      this.view.addEventListener("wheel", (e) => this.wheel(e), { passive: false });
      new ResizeObserver(() => this.label()).observe(this.view);
      this.draw();
    }
    draw() {  // bars of events that fit the filters in full colour, the others faint
      const groups = [...this.svg.children];
      this.cut.lanes.forEach((rows, n) => {
        const paths = new Map();
        for (const i of rows) {
          const [start, end, status] = data.rows[i], tall = data.bar * data.badges[status].height;
          const key = status + (shown[i] ? 0 : 100);
          if (!paths.has(key)) paths.set(key, []);
          paths.get(key).push(`M${(start - this.whole[0]).toFixed(3)} ${FOOT}v${(-tall).toFixed(1)}h${(end - start).toFixed(3)}V${FOOT}z`);
        }
        const keys = [...paths.keys()].sort((a, b) => (b >= 100) - (a >= 100) || a - b);
        groups[n].replaceChildren(...keys.map((key) => {
          const path = document.createElementNS(SVG, "path");
          path.setAttribute("d", paths.get(key).join(""));
          path.style.setProperty("--c", data.badges[key % 100].colour);
          if (key >= 100) path.setAttribute("class", "faint");
          return path;
        }));
      });
      this.look();
    }
    look() {
      this.svg.setAttribute("viewBox", `${(this.from - this.whole[0]).toFixed(4)} 0 ${(this.to - this.from).toFixed(4)} ${this.cut.lanes.length * LANE}`);
      this.label();
    }
    label() {  // badges where there is room for one
      const width = this.view.clientWidth, scale = width / (this.to - this.from), made = [];
      this.cut.lanes.forEach((rows, n) => {
        let free = 0;
        for (let k = this.first(rows); k < rows.length && made.length < 400; k++) {
          const [start, end, status, number, shot] = data.rows[rows[k]];
          if (start > this.to) break;
          const x = Math.max(0, (start - this.from) * scale), wide = Math.min(width, (end - this.from) * scale) - x;
          if (wide < 16 || x < free || !shown[rows[k]]) continue;
          free = x + wide;
          const span = document.createElement("span");
          const room = Math.floor((wide - 18) / 6.5), name = shot || number;  // shots differ at their end
          span.textContent = data.badges[status].symbol + (room > 3 ? " " + (name.length > room ? "…" + name.slice(1 - room) : name) : "");
          span.style.cssText = `left:${x}px;width:${wide}px;top:${n * LANE}px`;
          made.push(span);
        }
      });
      this.box.querySelector(".labels").replaceChildren(...made);
      const here = this.lane.has(chosen);
      this.mark.hidden = !here;
      if (here) {
        const [start, end] = data.rows[chosen], x = (start - this.from) * scale, n = this.lane.get(chosen);
        this.mark.style.cssText = `left:${x - 2}px;width:${(end - start) * scale + 4}px;top:${n * LANE}px;height:${LANE}px;bottom:auto`;
      }
    }
    first(rows) {  // of a lane's rows, the first that may reach into view; events of a lane seldom overlap
      let low = 0, high = rows.length;
      while (low < high) { const mid = (low + high) >> 1; if (data.rows[rows[mid]][1] < this.from) low = mid + 1; else high = mid; }
      return low;
    }
    hit(e) {
      const box = this.view.getBoundingClientRect(), scale = (this.to - this.from) / box.width;
      const at = this.from + (e.clientX - box.left) * scale, rows = this.cut.lanes[Math.floor((e.clientY - box.top) / LANE)] || [];
      let best = -1, far = 4 * scale, worst = -1;
      for (const i of rows) {
        const [start, end, status] = data.rows[i], away = Math.max(0, start - at, at - end);
        if (shown[i] && (away < far || (away === far && status > worst))) { best = i; far = away; worst = status; }
      }
      return best;
    }
    zoom(how, middle) {
      const all = this.whole[1] - this.whole[0], old = this.to - this.from;
      const wide = how === "all" ? all : Math.min(all, Math.max(0.5, old * (how === "in" ? 0.5 : 2)));
      let at = middle;
      if (at === undefined) at = this.lane.has(chosen) ? data.rows[chosen][0] : (this.from + this.to) / 2;
      const part = middle === undefined ? 0.5 : (middle - this.from) / old;
      this.move(at - wide * part, wide);
    }
    move(from, wide) {
      this.from = Math.max(this.whole[0], Math.min(from, this.whole[1] - wide));
      this.to = this.from + wide;
      this.look();
    }
    wheel(e) {
      if (!e.ctrlKey && !e.shiftKey) return;
      e.preventDefault();
      const box = this.view.getBoundingClientRect(), wide = this.to - this.from;
      if (e.shiftKey) this.move(this.from + wide * Math.sign(e.deltaY || e.deltaX) * 0.2, wide);
      else this.zoom(e.deltaY < 0 ? "in" : "out", this.from + ((e.clientX - box.left) / box.width) * wide);
    }
    step(by, wanted = () => true) {
      let n = this.at.has(chosen) ? this.at.get(chosen) + by : by > 0 ? 0 : this.order.length - 1;
      while (this.order[n] !== undefined && !(shown[this.order[n]] && wanted(this.order[n]))) n += by;
      if (this.order[n] !== undefined) choose(this.order[n], false, false);
    }
    key(e) {
      const ends = { Home: [0, 1], End: [this.order.length - 1, -1] }[e.key];
      if (e.key === "ArrowRight" || e.key === "ArrowDown") this.step(1);
      else if (e.key === "ArrowLeft" || e.key === "ArrowUp") this.step(-1);
      else if (ends) { choose(-1, false, false); this.step(ends[1]); }
      else if (e.key === "+" || e.key === "=") this.zoom("in");
      else if (e.key === "-") this.zoom("out");
      else if (e.key === "0") this.zoom("all");
      else if (e.key === "Enter" && chosen >= 0) items[chosen].focus();
      else return;
      e.preventDefault();
    }
    tell() {
      const go = this.box.querySelector(".go");
      go.hidden = !this.lane.has(chosen);
      if (go.hidden) {
        this.view.setAttribute("aria-valuetext", "none chosen");
        this.box.querySelector(".told").textContent = "";
        this.look();
        return;
      }
      go.href = "#e" + chosen;
      const [start, end, status, number, shot, tc] = data.rows[chosen], wide = this.to - this.from;
      const text = `Event ${number} at ${tc}, ${shot}: ${data.badges[status].text}, ${items[chosen].dataset.verdict}`;
      this.view.setAttribute("aria-valuenow", this.at.get(chosen) + 1);
      this.view.setAttribute("aria-valuetext", text);
      this.box.querySelector(".told").textContent = text;
      if (start < this.from || end > this.to) this.move((start + end) / 2 - wide / 2, wide);
      else this.look();
    }
  }

  function choose(i, focus, scroll) {  // i = -1: nothing
    if (chosen >= 0) items[chosen].classList.remove("chosen");
    chosen = i;
    if (i >= 0) items[i].classList.add("chosen");
    if (i >= 0 && scroll) items[i].scrollIntoView({ block: "nearest" });
    if (focus) items[i].focus({ preventScroll: true });
    strips.forEach((s) => s.tell());
  }
  document.querySelectorAll(".strip").forEach((box) => strips.push(new Strip(box)));
  items.forEach((item, i) => item.addEventListener("click", (e) => { if (!e.target.closest("a")) choose(i, false, false); }));

  // ---------------------------------------------------------------- filters

  const form = byId("filters"), fields = ["text", "verdict", "status", "tool", "rule", "code"];
  const texts = items.map((item) => item.textContent.toLowerCase());
  const lists = items.map((item) => ({ tools: JSON.parse(item.dataset.tools), rules: JSON.parse(item.dataset.rules), codes: item.dataset.codes.split(" ") }));
  function filter() {
    const [text, verdict, status, tool, rule, code] = fields.map((name) => byId("f-" + name).value);
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    items.forEach((item, i) => {
      const fits = (!verdict || item.dataset.verdict === verdict) && (!status || item.dataset.status === status) && (!tool || lists[i].tools.includes(tool))
        && (!rule || lists[i].rules.includes(rule)) && (!code || lists[i].codes.includes(code)) && words.every((word) => texts[i].includes(word));
      shown[i] = fits ? 1 : 0;
      if (item.hidden === fits) item.hidden = !fits;
      count += shown[i];
    });
    byId("count").textContent = `${count} of ${items.length} events`;
    byId("none").hidden = count > 0;
    document.querySelectorAll("button[data-status]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.status === status)));
    if (chosen >= 0 && !shown[chosen]) choose(-1, false, false);
    strips.forEach((s) => s.draw());
  }
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (e) => e.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  document.querySelectorAll("button[data-status]").forEach((b) => b.addEventListener("click", () => {
    byId("f-status").value = b.getAttribute("aria-pressed") === "true" ? "" : b.dataset.status;
    filter();
  }));
  filter();

  // ---------------------------------------------------------------- links to tags, paper, dark and light

  const open = () => { const use = document.querySelector(location.hash.match(/^#u\d+$/) ? location.hash : "#nothing"); if (use) use.open = true; };
  addEventListener("hashchange", open);
  document.querySelectorAll("a[href^='#u']").forEach((a) => a.addEventListener("click", () => setTimeout(open)));
  open();
  let closed = [];
  addEventListener("beforeprint", () => { closed = [...document.querySelectorAll("details:not([open])")]; closed.forEach((d) => { d.open = true; }); });
  addEventListener("afterprint", () => closed.forEach((d) => { d.open = false; }));
  const theme = byId("theme");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const root = document.documentElement, dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
})();
