"use strict";
(() => {
  const FEW = 10, FILTER_ABOVE = 20, PRINT_ALL_UP_TO = 60, MOST_FOUND = 50;

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
      this.none = make("p", { class: "quiet", hidden: "" }, "No row has this text.");
      this.table.closest(".wide").before(label);
      this.table.closest(".wide").after(this.none);
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
      this.none.hidden = found > 0;
      this.say(this.wanted ? found + " of " + this.rows.length + " rows" : "");
    }

    say(text) {
      this.live.textContent = text;
    }
  }

  class Screener {
    constructor(exhibit, number) {
      this.exhibit = exhibit;
      this.table = exhibit.querySelector("table");
      this.body = this.table.tBodies[0];
      this.body.id = "found-" + number;
      this.name = this.table.getAttribute("aria-label");
      this.headers = [...this.table.tHead.rows[0].cells];
      const given = exhibit.querySelector("details.rows");
      Object.assign(this, JSON.parse(given.querySelector("pre").textContent));
      given.remove();
      this.texts = this.rows.map((row) => row.map((cell) => this.text(cell)).join("\n").toLowerCase());
      this.found = this.rows.map((_, place) => place);
      this.chosen = this.filters.map(() => "");
      this.wanted = "";
      this.first = 0;
      this.asked();
      this.sortable();
      this.paged();
      this.show();
    }

    text(cell) {
      return typeof cell === "string" ? cell : cell[1];
    }

    asked() {
      const box = make("div", { class: "controls", role: "group", "aria-label": "Choose rows of " + this.name });
      const field = (text, input) => {
        const label = make("label", { class: "filter" }, text);
        label.append(input);
        box.append(label);
        input.addEventListener("input", () => this.choose());
        return input;
      };
      this.search = field("Search", make("input", { type: "search" }));
      this.lists = this.filters.map(({ label, values }) => {
        const list = make("select", {});
        list.append(make("option", { value: "" }, "All"), ...values.map((one) => make("option", { value: one }, one)));
        return field(label, list);
      });
      if (this.least) this.bound = field(this.least.label + " at least", make("input", { type: "number", step: "any", class: "bound" }));
      this.table.closest(".wide").before(box);
    }

    choose() {
      const wanted = this.search.value.trim().toLowerCase();
      const lists = this.lists.map((list, place) => [this.filters[place].column, list.value]).filter(([, value]) => value);
      const bound = this.bound && this.bound.value !== "" ? Number(this.bound.value) : null;
      const fits = (row, place) => {
        if (wanted && !this.texts[place].includes(wanted)) return false;
        if (lists.some(([column, value]) => this.text(row[column]) !== value)) return false;
        if (bound === null) return true;
        const value = row[this.least.column][0];
        return value !== null && value >= bound;
      };
      this.found = this.rows.flatMap((row, place) => (fits(row, place) ? [place] : []));
      this.first = 0;
      this.order();
      this.show();
    }

    sortable() {
      this.headers.forEach((header, column) => {
        const button = make("button", { type: "button", class: "sort" });
        button.append(...header.childNodes);
        header.append(button);
        button.addEventListener("click", () => this.sort(header, column));
      });
    }

    sort(header, column) {
      const numeric = this.rows.some((row) => typeof row[column] !== "string" && row[column][0] !== null);
      const now = header.getAttribute("aria-sort");
      this.by = { column, numeric, down: now ? now === "ascending" : numeric };
      for (const other of this.headers) other.removeAttribute("aria-sort");
      header.setAttribute("aria-sort", this.by.down ? "descending" : "ascending");
      this.first = 0;
      this.order();
      this.show("Sorted by " + header.textContent.trim() + ", " + (this.by.down ? "descending" : "ascending"));
    }

    order() {
      if (!this.by) return;
      const { column, numeric, down } = this.by;
      const words = new Intl.Collator("en", { numeric: true });
      const key = (place) => {
        const cell = this.rows[place][column];
        return typeof cell === "string" ? cell : cell[0];
      };
      const keyed = this.found.map((place) => [key(place), place]);
      keyed.sort(([a, m], [b, n]) => {
        if (a === null || b === null) return (a === null) - (b === null) || m - n;
        const order = numeric ? a - b : words.compare(a, b);
        return (down ? -order : order) || m - n;
      });
      this.found = keyed.map(([, place]) => place);
    }

    paged() {
      this.pager = make("nav", { class: "pager", "aria-label": "Pages of " + this.name });
      const turn = (text, place) => {
        const button = make("button", { type: "button", "aria-controls": this.body.id }, text);
        button.addEventListener("click", () => {
          this.first = place();
          this.show();
        });
        return button;
      };
      const last = () => Math.max(Math.ceil(this.found.length / this.page) - 1, 0) * this.page;
      this.back = [turn("First", () => 0), turn("Previous", () => Math.max(this.first - this.page, 0))];
      this.on = [turn("Next", () => Math.min(this.first + this.page, last())), turn("Last", last)];
      this.where = make("span", { role: "status" });
      this.pager.append(...this.back, this.where, ...this.on);
      this.table.closest(".wide").after(this.pager);
    }

    cell(cell, header) {
      const box = make("td", header.className ? { class: header.className } : {});
      const text = this.text(cell), shape = "▲●◆▼".indexOf(text.slice(-1));
      if (typeof cell !== "string" && cell[0] === null) box.append(make("span", { class: "na" }, text));
      else if (shape < 0 || !text) box.textContent = text;
      else box.append(text.slice(0, -1), make("span", { class: "grade g" + (shape + 1) }, text.slice(-1)));
      return box;
    }

    show(said) {
      const whole = (count) => count.toLocaleString("en");
      const shown = this.found.slice(this.first, this.first + this.page);
      this.body.replaceChildren(...shown.map((place) => {
        const row = document.createElement("tr");
        row.append(...this.rows[place].map((cell, column) => this.cell(cell, this.headers[column])));
        return row;
      }));
      const all = this.found.length === this.rows.length ? "" : " found of " + whole(this.rows.length);
      const range = shown.length ? "Rows " + whole(this.first + 1) + " to " + whole(this.first + shown.length) + " of " : "";
      this.where.textContent = (said ? said + ". " : "") + range + whole(this.found.length) + all;
      const held = document.activeElement;
      for (const button of this.back) button.disabled = this.first === 0;
      for (const button of this.on) button.disabled = this.first + this.page >= this.found.length;
      if (held && held.disabled) (this.back.includes(held) ? this.on : this.back)[0].focus();
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

  const neighbours = () => {
    const inRun = decodeURIComponent(location.pathname).match(/^(.*)\/(?:pages\/[^/]+\/[^/]+|index\.html)$/);
    if (!inRun) return;
    const key = "subjects of " + inRun[1];
    const listed = document.querySelector("main[data-subjects]");
    try {
      if (listed) sessionStorage.setItem(key, listed.dataset.subjects);
      const own = document.querySelector("nav.path [data-subject]");
      const [stage, subject, kind] = own ? own.dataset.subject.split("\n") : [];
      const all = ((JSON.parse(sessionStorage.getItem(key)) || {})[kind] || []);
      const place = all.indexOf(subject);
      [["Previous", all[place - 1]], ["Next", all[place + 1]]].forEach(([word, other]) => {
        if (place < 0 || !other) return;
        own.parentElement.append(make("a", { class: "neighbour", href: encodeURIComponent(stage + "." + other + ".html") }, word + ": " + other));
      });
    } catch (fault) {
      if (fault.name !== "SecurityError") throw fault;
    }
  };

  const everyRun = () => {
    const own = document.querySelector("nav.path [data-run]");
    if (!own) return;
    const path = decodeURIComponent(location.pathname);
    const places = { ["/runs/" + own.dataset.run + "/index.html"]: "../../index.html", "/latest/index.html": "../index.html" };
    const place = Object.keys(places).find((end) => path.endsWith(end));
    if (place) own.before(make("a", { href: places[place] }, "Every run"), make("span", { "aria-hidden": "true" }, "/"));
  };

  class Finder {
    constructor(box) {
      Object.assign(this, JSON.parse(document.getElementById("search-index").textContent));
      const label = make("label", { class: "filter" }, "Search");
      this.input = make("input", { type: "search", autocomplete: "off", "aria-controls": "found" });
      label.append(this.input);
      this.said = make("p", { class: "quiet", role: "status" });
      this.list = make("ol", { class: "found", id: "found" });
      box.append(label, this.said, this.list);
      this.texts = this.sections.map(([page, , heading, , words]) =>
        [heading.toLowerCase(), (this.pages[page].slice(1).join(" ") + " " + heading + " " + words).toLowerCase()]);
      this.input.addEventListener("input", () => this.find());
      this.input.value = new URLSearchParams(location.search).get("q") || "";
      this.find();
    }

    find() {
      const wanted = this.input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const has = (text) => wanted.filter((word) => text.includes(word)).length;
      const counted = this.texts.map(([heading, text], place) => [has(text), has(heading), place]);
      const most = counted.reduce((high, [count]) => Math.max(high, count), 0);
      const found = most ? counted.filter(([count]) => count === most) : [];
      found.sort(([, a, m], [, b, n]) => b - a || m - n);
      this.list.replaceChildren(...found.slice(0, MOST_FOUND).map(([, , place]) => this.item(this.sections[place])));
      const amount = found.length + (found.length === 1 ? " section" : " sections");
      const some = most < wanted.length ? " with " + most + " of the " + wanted.length + " words, none with all" : "";
      const cut = found.length > MOST_FOUND ? ", the first " + MOST_FOUND + " of them here" : "";
      this.said.textContent = !wanted.length ? "" : found.length ? amount + some + cut + "." : "Nothing in this run has these words.";
    }

    item([page, anchor, heading, first]) {
      const [address, title, subject] = this.pages[page];
      const item = make("li", {}), path = address.split("/").map(encodeURIComponent).join("/");
      const place = [heading && heading !== title ? title : "", subject].filter(Boolean).join(" · ");
      item.append(make("a", { href: path + (anchor ? "#" + anchor : "") }, heading || title));
      if (place) item.append(" ", make("span", { class: "quiet" }, place));
      if (first) item.append(make("p", {}, first));
      return item;
    }
  }

  document.querySelectorAll("section.finder").forEach((box) => new Finder(box));
  document.querySelectorAll("figure.exhibit.table").forEach((exhibit, number) => {
    if (exhibit.querySelector("table")) new Table(exhibit, number);
  });
  document.querySelectorAll("figure.exhibit.screener").forEach((exhibit, number) => new Screener(exhibit, number));
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
  neighbours();
  reveal();
  addEventListener("hashchange", reveal);
})();
