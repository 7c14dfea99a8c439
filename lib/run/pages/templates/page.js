"use strict";
(() => {
  const FEW = 10, FILTER_ABOVE = 20, PRINT_ALL_UP_TO = 60;

  const make = (tag, attributes, text) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };

  class Table {
    constructor(exhibit, number) {
      this.exhibit = exhibit;
      this.table = exhibit.querySelector("table");
      this.body = this.table.tBodies[0];
      this.name = this.table.getAttribute("aria-label") || "table";
      this.first = this.body.rows.length;
      this.join();
      this.rows = [...this.body.rows];
      this.body.id = "rows-" + number;
      this.live = make("span", { class: "unseen", role: "status" });
      exhibit.append(this.live);
      if (this.rows.length > 1) this.sortable();
      if (this.rows.length > this.first) this.foldable();
      if (this.rows.length > FILTER_ABOVE) this.filterable();
      if (this.rows.length <= PRINT_ALL_UP_TO) exhibit.classList.add("short");
    }

    join() {
      const rest = this.exhibit.querySelector("details.rest");
      if (!rest) return;
      this.body.append(...rest.querySelector("tbody").rows);
      rest.remove();
    }

    sortable() {
      [...this.table.tHead.rows[0].cells].forEach((header, column) => {
        const button = make("button", { type: "button", class: "sort" });
        button.append(...header.childNodes);
        header.append(button);
        button.addEventListener("click", () => this.sort(header, column));
      });
    }

    sort(header, column) {
      const numeric = this.rows.some((row) => row.cells[column].dataset.v !== undefined);
      const now = header.getAttribute("aria-sort");
      const down = now ? now === "ascending" : numeric;
      for (const other of this.table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      header.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => {
        const cell = row.cells[column];
        if (cell.querySelector(".na")) return null;
        return numeric ? Number(cell.dataset.v) : cell.textContent.trim();
      };
      const keyed = this.rows.map((row) => [key(row), row]);
      keyed.sort(([a], [b]) => {
        if (a === null || b === null) return (a === null) - (b === null);
        const order = numeric ? a - b : a.localeCompare(b, "en", { numeric: true });
        return down ? -order : order;
      });
      this.rows = keyed.map(([, row]) => row);
      this.body.append(...this.rows);
      this.fold();
      this.say("Sorted by " + header.textContent.trim() + ", " + (down ? "descending" : "ascending"));
    }

    foldable() {
      this.open = false;
      this.button = make("button", { type: "button", class: "unfold", "aria-controls": this.body.id });
      this.button.addEventListener("click", () => {
        this.open = !this.open;
        this.fold();
      });
      this.table.closest(".wide").after(this.button);
      this.fold();
    }

    fold() {
      if (!this.button) return;
      const all = this.open || this.wanted;
      this.rows.forEach((row, place) => row.classList.toggle("folded", !all && place >= this.first));
      this.button.textContent = this.open ? "Show the first " + this.first : "Show all " + this.rows.length + " rows";
      this.button.setAttribute("aria-expanded", String(this.open));
      this.button.hidden = Boolean(this.wanted);
    }

    filterable() {
      const label = make("label", { class: "filter" }, "Filter");
      const input = make("input", { type: "search", "aria-label": "Filter the rows of " + this.name });
      label.append(input);
      this.table.closest(".wide").before(label);
      input.addEventListener("input", () => this.filter(input.value));
    }

    filter(text) {
      this.wanted = text.trim().toLowerCase();
      let found = 0;
      for (const row of this.rows) {
        const hit = row.textContent.toLowerCase().includes(this.wanted);
        row.hidden = !hit;
        found += hit;
      }
      this.fold();
      this.say(this.wanted ? found + " of " + this.rows.length + " rows" : "");
    }

    say(text) {
      this.live.textContent = text;
    }
  }

  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    for (const code of target.querySelectorAll(":scope > details.code")) code.open = true;
    target.scrollIntoView();
  };

  const codeToggle = () => {
    const blocks = [...document.querySelectorAll("main details.code")];
    const path = document.querySelector("nav.path");
    if (!blocks.length || !path) return;
    const button = make("button", { type: "button", class: "code-toggle", "aria-pressed": "false" }, "Show code");
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-pressed") !== "true";
      for (const block of blocks) block.open = open;
      button.setAttribute("aria-pressed", String(open));
      button.textContent = open ? "Hide code" : "Show code";
    });
    path.append(button);
  };

  const everyRun = () => {
    const own = document.querySelector("nav.path [data-run]");
    if (!own) return;
    const path = decodeURIComponent(location.pathname);
    const places = { ["/runs/" + own.dataset.run + "/index.html"]: "../../index.html", "/latest/index.html": "../index.html" };
    const place = Object.keys(places).find((end) => path.endsWith(end));
    if (place) own.before(make("a", { href: places[place] }, "Every run"), make("span", { "aria-hidden": "true" }, "/"));
  };

  document.querySelectorAll("figure.exhibit.table").forEach((exhibit, number) => {
    if (exhibit.querySelector("table")) new Table(exhibit, number);
  });
  const reachable = () => {
    for (const box of document.querySelectorAll(".wide, .highlight, pre")) {
      const sideways = box.scrollWidth > box.clientWidth;
      if (box.tabIndex === 0 || (!sideways && box.scrollHeight <= box.clientHeight)) continue;
      const name = box.querySelector("[aria-label]");
      const what = (name && name.getAttribute("aria-label")) || (box.matches(".wide") ? "Picture" : "Text");
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", what + (sideways ? ", scrolls sideways" : ", scrolls"));
    }
  };
  reachable();
  addEventListener("toggle", reachable, true);
  addEventListener("resize", reachable);
  codeToggle();
  everyRun();
  reveal();
  addEventListener("hashchange", reveal);
})();
