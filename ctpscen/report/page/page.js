"use strict";
// Reads what html.py wrote (its docstring says how), lists the scenarios, and draws the one that is open.
(() => {
  const byId = (id) => document.getElementById(id);
  const read = (id) => JSON.parse(byId(id).textContent);
  const page = read("page");
  const main = byId("main");
  const tip = byId("tip");

  function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  function svg(tag, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const name in attributes) made.setAttribute(name, attributes[name]);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // ------------------------------------------------------------------------------------------------- times

  const SECOND = 1e6;
  const iso = (time) => new Date(Math.floor(time / 1000)).toISOString();
  const day = (time) => iso(time).slice(0, 10);
  const clock = (time) => iso(time).slice(11, 23);
  const exact = (time) => `${iso(time).slice(11, 19)}.${String(time % SECOND).padStart(6, "0")}`;

  function spoken(duration) {
    if (duration < 1000) return `${duration} µs`;
    if (duration < SECOND) return `${+(duration / 1000).toFixed(3)} ms`;
    if (duration < 60 * SECOND) return `${+(duration / SECOND).toFixed(3)} s`;
    const seconds = Math.floor(duration / SECOND);
    const parts = [[Math.floor(seconds / 3600), "h"], [Math.floor(seconds / 60) % 60, "m"], [seconds % 60, "s"]];
    return parts.filter(([amount]) => amount).map(([amount, unit]) => `${amount} ${unit}`).join(" ");
  }

  // ---------------------------------------------------------------------------------------- list and filters

  const wanted = { verdicts: new Set(), tag: "", text: "" };
  const SOUND = ["passed", "flaky", "skipped"];
  const seen = new Map();

  /** What the address of a scenario ends with: its place, and which one of several that stand there. */
  function keyOf(place) {
    const count = (seen.get(place) ?? 0) + 1;
    seen.set(place, count);
    return count > 1 ? `${place}~${count}` : place;
  }

  const entries = page.scenarios.map(([file, line, title, row, tags, verdict, reason, elapsed, wall, live], index) => {
    const place = `${file}:${line}`;
    const key = keyOf(place);
    const link = element("a", { href: `#${encodeURI(key)}`, class: `entry ${verdict}`, "data-index": index });
    const name = element("b", {}, title);
    if (row) name.append(element("span", { class: "row" }, ` ${row}`));
    link.append(name, element("span", { class: "place" }, `line ${line}  ${tags.map((tag) => `@${tag}`).join(" ")}`));
    if (reason) link.append(element("span", { class: "reason" }, reason));
    const item = element("li", {}, link);
    const text = [title, row, place, verdict, reason, ...tags].join("\n").toLowerCase();
    return { file, line, title, row, tags, verdict, reason, elapsed, wall, live, place, key, item, link, text };
  });

  /** The entries by file; what did not pass stands first, files and scenarios. */
  function grouped() {
    const files = new Map();
    for (const entry of entries) files.set(entry.file, [...(files.get(entry.file) ?? []), entry]);
    const bad = (entry) => !SOUND.includes(entry.verdict);
    const badFirst = (isBad) => (one, other) => isBad(other) - isBad(one);
    return [...files.values()]
      .map((group) => group.toSorted(badFirst(bad)))
      .sort(badFirst((group) => group.some(bad)))
      .map((group) => ({ file: group[0].file, group, head: element("li", { class: "file" }, group[0].file) }));
  }

  const groups = grouped();
  const ordered = groups.flatMap(({ group }) => group);

  function filter() {
    const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const entry of entries) {
      const fits =
        (!wanted.verdicts.size || wanted.verdicts.has(entry.verdict)) &&
        (!wanted.tag || entry.tags.includes(wanted.tag)) &&
        words.every((word) => entry.text.includes(word));
      entry.item.hidden = !fits;
      shown += fits;
    }
    for (const { group, head } of groups) head.hidden = group.every((entry) => entry.item.hidden);
    byId("shown").textContent = shown === entries.length ? `${shown} scenario${shown === 1 ? "" : "s"}` : `${shown} of ${entries.length}`;
  }

  function beginList() {
    for (const { group, head } of groups) byId("list").append(head, ...group.map((entry) => entry.item));
    const counts = new Map();
    for (const { tags } of entries) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
    for (const tag of [...counts.keys()].sort()) {
      byId("tag").append(element("option", { value: tag }, `@${tag} (${counts.get(tag)})`));
    }
    byId("tag").addEventListener("change", (event) => { wanted.tag = event.target.value; filter(); });
    byId("search").addEventListener("input", (event) => { wanted.text = event.target.value; filter(); });
    for (const button of document.querySelectorAll("button[data-verdict]")) {
      button.addEventListener("click", () => {
        const pressed = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", pressed);
        wanted.verdicts[pressed ? "add" : "delete"](button.dataset.verdict);
        filter();
      });
    }
    filter();
  }

  // ------------------------------------------------------------------------------------------------- events

  const FRONT = 1, EXCHANGE = 2, QUIET = 4, REPLAYED = 8, MARKET = 16, LOST = 32, KEPT = 64;

  /** The events of a block as objects, each with its time; steps with what they waited. */
  function decoded(block) {
    const open = [];
    let time = block.start;
    let depth = 0;
    const wrong = new Set(block.wrong.map(([file, line]) => `${file}:${line}`));
    const events = block.events.map((raw, index) => {
      const [kind, since] = raw;
      time += since;
      const event = { kind, time, index, flags: 0, session: -1, depth };
      if (kind === "s") {
        [, , event.text, event.line, event.depth, event.actor, event.implicit, event.file] = raw;
        depth = event.depth;
        while (open.length && open[open.length - 1].depth >= depth) open.pop();
        open.push(event);
        event.said = event.actor || event.implicit ? `${event.actor || block.sessions[0]}: ${event.text}` : event.text;
      } else if (kind === "e") {
        event.waited = raw[2];
        const step = open.findLast((each) => each.waited === undefined && each.time === time - event.waited);
        if (step) step.waited = event.waited;
      } else if (kind === "q" || kind === "r") {
        [, , event.words, event.session, event.name, event.delta, event.flags, event.request] = raw;
        event.name = page.names[event.name];
        if (kind === "q") event.returned = raw[8];
        else [event.code, event.message, event.connection] = raw.slice(8);
        event.said = event.words ? `${event.name} ${event.words}` : event.name;
      } else if (kind === "f") {
        [, , event.said, event.session, event.flags] = raw;
      } else if (kind === "a") {
        [, , event.sessions, event.money, event.held] = raw;
      } else if (kind === "p") {
        [, , event.said, event.session, event.style] = raw;
      } else {
        event.said = raw[2];
      }
      return event;
    });
    const failed = new Map();
    for (const event of events) {
      if (event.kind !== "s") continue;
      const place = `${event.file || block.file}:${event.line}`;
      if (wrong.has(place)) failed.set(place, event);
    }
    for (const event of failed.values()) event.failed = true;
    return events;
  }

  /** The fields of an event: what it differs in from those of its name before, back to the page's first. */
  function fieldsOf(events, event) {
    if (!event.delta) return null;
    const fields = new Map();
    const take = (flat) => {
      for (let at = 0; at < flat.length; at += 1) {
        if (flat[at] < 0) fields.delete(-1 - flat[at]);
        else fields.set(flat[at], flat[++at]);
      }
    };
    take(page.bases[page.names.indexOf(event.name)]);
    for (const each of events) {
      if (each.name === event.name && each.delta) take(each.delta);
      if (each === event) break;
    }
    return fields;
  }

  // ---------------------------------------------------------------------------------------- an open scenario

  let view = null;

  function open(index) {
    const entry = entries[index];
    if (!entry) return;
    const block = read(`s${index}`);
    block.file = entry.file;
    for (const each of entries) each.link.removeAttribute("aria-current");
    entry.link.setAttribute("aria-current", "true");
    entry.link.scrollIntoView({ block: "nearest" });
    hideTip(true);
    const events = decoded(block);
    view = { block, entry, events, show: null, rows: [], chosen: null, states: new State.States(block, events, page) };

    const title = element("h2", {}, entry.title);
    if (entry.row) title.append(element("span", { class: "row" }, ` ${entry.row}`));
    const facts = element("p", { class: "dim" }, element("span", { class: `badge ${entry.verdict}` }, entry.verdict));
    facts.append(
      `  ${entry.place}  ${entry.tags.map((tag) => `@${tag}`).join(" ")}  `,
      entry.live
        ? `${spoken(Math.round(entry.wall * SECOND))}, live, `
        : `${spoken(entry.elapsed)} of virtual time, ${spoken(Math.round(entry.wall * SECOND))} of real time, `,
      `seed ${page.seed}`,
    );
    main.replaceChildren(title, facts);
    if (block.why.length) main.append(pre(block.why, "why"));
    main.append(tabs({ Sequence: sequenceTab, Report: reportTab, Source: sourceTab }));
    main.scrollTop = 0;
  }

  function pre(lines, name) {
    const made = element("pre", { class: name });
    for (const line of lines) {
      for (const [style, text] of line) made.append(element("span", style ? { class: style } : {}, text));
      made.append("\n");
    }
    return made;
  }

  function tabs(makers) {
    const bar = element("div", { class: "tabs", role: "tablist" });
    const body = element("div", { class: "body", role: "tabpanel" });
    const beside = element("aside", { class: "state", "aria-label": "what is known at the chosen event" });
    const buttons = {};
    for (const [name, make] of Object.entries(makers)) {
      const button = buttons[name] = element("button", { type: "button", role: "tab", "data-tab": name.toLowerCase() }, name);
      button.addEventListener("click", ({ isTrusted }) => {
        for (const each of bar.children) each.setAttribute("aria-selected", each === button);
        hideTip(true);
        body.replaceChildren();
        view.reveal = () => {};
        beside.hidden = make === sourceTab;
        make(body);
        choose(view.chosen);
        if (isTrusted) body.querySelector(".moves")?.focus(); // keys go on there
      });
      bar.append(button);
    }
    const whole = element("div", { class: "tabbed" }, bar, element("div", { class: "halves" }, body, beside));
    view.show = (name) => buttons[name].click();
    queueMicrotask(() => bar.childElementCount && !body.childElementCount && bar.firstChild.click());
    return whole;
  }

  const FIRST_LINES = 2000;

  /** The steps and reports, as the terminal shows them. */
  function reportTab(body) {
    const lines = view.events.filter((event) => "fslnpqrxv".includes(event.kind) && !(event.flags & QUIET));
    const made = element("pre", { class: "report moves", tabindex: "0" });
    body.append(made);
    view.rows = [];
    view.reveal = (event) => made.querySelector(`[data-event="${event.index}"]`)?.scrollIntoView({ block: "nearest" });
    let from = 0;
    let today = day(view.block.start);
    const more = () => {
      for (const event of lines.slice(from, from + FIRST_LINES)) {
        if (day(event.time) !== today && event.kind !== "v") made.append(element("div", { class: "dim" }, (today = day(event.time))));
        made.append(reportLine(event));
        view.rows.push(event);
      }
      from += FIRST_LINES;
      if (from < lines.length) {
        const button = element("button", { type: "button" }, `${(lines.length - from).toLocaleString("en")} more lines`);
        button.addEventListener("click", () => { button.remove(); more(); });
        body.append(button);
      }
    };
    more();
  }

  function reportLine(event) {
    const line = element("div", { "data-event": event.index, class: `line ${styleOf(event)}` });
    const { sessions } = view.block;
    const indent = "  ".repeat(event.depth);
    const who = event.session >= 0 ? sessions[event.session] : "";
    let text = event.said;
    if (event.kind === "q") text = `  ${who}   → ${text}${event.returned ? `  returned ${event.returned}` : ""}`;
    else if (event.kind === "r") text = `  ${who} ${event.connection} ← ${text}${event.flags & REPLAYED ? "  replayed" : ""}`;
    else if (event.kind === "f") text = `  ⚡ ${text}`;
    else if (event.kind === "p") text = `  ${who} ${text}`;
    else if (event.kind === "x") text = `  failed softly: ${text}`;
    else if (event.kind === "l") text = `  ${text}`;
    else if (event.kind === "n" && text === "after") text = "after:";
    line.append(element("span", { class: "dim" }, `${clock(event.time)}  `), indent + text);
    if (event.waited) line.append(element("span", { class: "dim" }, `  ${spoken(event.waited)}`));
    return line;
  }

  function styleOf(event) {
    if (event.kind === "s") return event.failed ? "step bad" : event.implicit ? "step dim" : "step";
    if (event.name === "OnFrontDisconnected" || event.name === "OnHeartBeatWarning") return "broke";
    if (event.kind === "r") return event.code ? "reported warn" : event.flags & REPLAYED ? "reported replayed" : "reported";
    if (event.kind === "q") return event.returned ? "requested warn" : "requested";
    if (event.kind === "p") return `program ${event.style}`;
    if (event.kind === "v") return `end ${view.entry.verdict}`;
    return { f: "fault", l: "log", x: "bad", n: "dim" }[event.kind] ?? "";
  }

  const WHOLE_FILE = 400;

  /** The file, or of a long one the scenario's own lines. */
  function sourceTab(body) {
    const all = read("sources")[view.entry.file].split("\n");
    const [first, last] = view.block.lines;
    const [from, to] = all.length <= WHOLE_FILE ? [1, all.length] : [first, last];
    const wrong = new Set(view.block.wrong.filter(([file]) => file === view.entry.file).map(([, line]) => line));
    const steps = new Map();
    for (const event of view.events) if (event.kind === "s" && event.line && !event.file && !steps.has(event.line)) steps.set(event.line, event);
    const made = element("pre", { class: "source" });
    for (let number = from; number <= to; number += 1) {
      if (number === to && !all[number - 1]) break;
      const own = number >= first && number <= last ? "own" : "";
      const line = element("div", { class: `${own} ${wrong.has(number) ? "wrong" : ""}`, "data-line": number });
      const step = steps.get(number);
      const counted = element(step ? "a" : "span", { class: "number" }, String(number).padStart(5));
      if (step) {
        counted.setAttribute("role", "button");
        counted.setAttribute("tabindex", "0");
        counted.title = "show this step in the diagram";
        counted.addEventListener("click", () => goToStep(step));
      }
      line.append(counted, "  ", ...coloured(all[number - 1]));
      made.append(line);
    }
    body.append(made);
    (made.querySelector(".wrong") ?? made.querySelector(".own"))?.scrollIntoView({ block: "center" });
  }

  const PARTS = /(?<comment>#.*)|(?<text>"(?:[^"\\]|\\.)*"?)|(?<tag>@[\w.-]+)|(?<instrument>\b[A-Za-z]{1,2}\d{3,4}\b)|(?<number>\b\d[\w.:%]*)|(?<word>\b(?:scenario|session|program|param|let|use|define|before|after|venue|network|invariant|where|if|elif|else|for|repeat|expect|never|always|check|require|soft|within|at|as|of|in|by|total|no|and|or|not|is|true|false|none|buy|sell|open|close|close_today|close_yesterday|cancel|wait|until|connect|disconnect|reconnect|login|release|query|request|start|kill|terminate|log|fail|skip|block|stop|return)\b)/gu;

  /** A line of a scenario in pieces, each of its own colour; a docstring keeps that of plain text. */
  function coloured(text) {
    const made = [];
    let end = 0;
    for (const found of text.matchAll(PARTS)) {
      if (found.index > end) made.push(text.slice(end, found.index));
      const [kind] = Object.entries(found.groups).find(([, value]) => value !== undefined);
      made.push(element("span", { class: `code-${kind}` }, found[0]));
      end = found.index + found[0].length;
    }
    made.push(text.slice(end));
    return made;
  }

  /** Shows a step in the diagram, with what is known of it. */
  function goToStep(event) {
    view.show("Sequence");
    drawing.reveal(event);
    choose(event);
    pin(event, innerWidth / 2, innerHeight / 2);
  }

  /** Shows the line on which a step stands. */
  function goToSource(number) {
    view.show("Source");
    const line = main.querySelector(`.source [data-line="${number}"]`);
    line?.classList.add("sought");
    line?.scrollIntoView({ block: "center" });
  }

  // --------------------------------------------------------------------------------------------- the diagram

  const ROW = 24, HEADS = 34;
  const TIME_X = 4, STEP_X = 92, STEP_WIDTHS = [130, 320];
  const SESSION_GAP = 130, LABEL_GAPS = [260, 470], EXCHANGE_GAP = 120;
  const LONG = SECOND / 2; // a pause that is drawn with a break in it
  const CHARACTER = 6.63; // the width of one, of the size that page.css sets
  const AROUND = 600; // so much beyond what is in view is drawn, too

  function sequenceTab(body) {
    const tools = element("div", { class: "tools" });
    const canvas = element("div", { class: "canvas moves", tabindex: "0" });
    const everything = element("input", { type: "checkbox", id: "everything" });
    const zoomed = element("output", { class: "zoomed" });
    const button = (label, said, act) => {
      const made = element("button", { type: "button", "aria-label": said, title: said }, label);
      made.addEventListener("click", act);
      return made;
    };
    tools.append(
      button("−", "zoom out", () => drawing.zoom(1 / 1.25)),
      zoomed,
      button("+", "zoom in", () => drawing.zoom(1.25)),
      button("fit", "fit the width", () => drawing.fit()),
      element("label", {}, everything, " everything"),
      legend(),
    );
    body.append(tools, canvas);
    const show = () => {
      drawing = new Drawing(canvas, view, everything.checked, (scale) => (zoomed.textContent = `${Math.round(scale * 100)} %`));
    };
    everything.addEventListener("change", show);
    show();
    view.reveal = (event) => drawing.keepInView(event);
  }

  function legend() {
    const made = element("span", { class: "legend" });
    for (const [name, label] of [
      ["requested", "→ request"], ["reported", "← report"], ["replayed", "⇠ replayed"],
      ["fault", "⚡ the scenario's doing"], ["bar up", "connected"], ["bar down", "broken"], ["bar silent", "silent"],
    ]) made.append(element("span", { class: name }, label));
    made.append(element("span", { class: "dim" }, "Ctrl + wheel zooms; a click keeps the fields; j k go by rows, with Shift by steps"));
    return made;
  }

  let drawing = null;

  class Drawing {
    constructor(canvas, { block, events, entry }, everything, tellScale) {
      Object.assign(this, { canvas, block, entry, tellScale, scale: 1, drawn: null });
      this.rows = view.rows = events.filter((event) => !"ea".includes(event.kind) && (everything || !(event.flags & QUIET)));
      this.events = events;
      this.steps = this.rows.filter((event) => !"qrf".includes(event.kind));
      this.placeLanes();
      this.placeRows();
      this.heads = svg("svg", { class: "heads" });
      this.field = svg("svg", { class: "sequence", role: "img", "aria-label": "sequence diagram" });
      this.field.append(patterns());
      this.still = svg("g");
      this.moving = svg("g");
      this.field.append(this.still, this.moving);
      this.drawHeads();
      canvas.replaceChildren(this.heads, this.field);
      canvas.onscroll = () => requestAnimationFrame(() => this.draw());
      canvas.onwheel = (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        this.zoom(event.deltaY < 0 ? 1.1 : 1 / 1.1, event);
      };
      canvas.onkeydown = (event) => {
        const factor = { "+": 1.25, "=": 1.25, "-": 0.8 }[event.key];
        if (factor) this.zoom(factor);
        else if (event.key === "0") this.zoom(1 / this.scale);
      };
      const failed = this.rows.findIndex((event) => event.failed);
      canvas.scrollTop = 0;
      this.resize();
      if (failed >= 0) canvas.scrollTop = this.tops[failed] - canvas.clientHeight * 0.7;
    }

    /** Where the lifelines stand: sessions, front, exchange. */
    placeLanes() {
      const { sessions } = this.block;
      const exchange = this.rows.some((event) => event.flags & EXCHANGE);
      const longest = longestOf(this.steps.map((event) => stepText(event, this.entry).length + 1));
      this.stepWidth = Math.min(Math.max(longest * CHARACTER, STEP_WIDTHS[0]), STEP_WIDTHS[1]);
      const first = STEP_X + this.stepWidth + 24;
      const wordy = longestOf(this.rows.map((event) => (event.session >= 0 ? event.said.length : 0)));
      const labels = Math.min(Math.max(wordy * CHARACTER + 40, LABEL_GAPS[0]), LABEL_GAPS[1]);
      const least = first + SESSION_GAP * (sessions.length - 1) + labels + (exchange ? EXCHANGE_GAP : 0) + 50;
      const spare = Math.max(0, Math.min(200, this.canvas.clientWidth - 20 - least));
      this.sessionX = sessions.map((_, index) => first + SESSION_GAP * index);
      this.frontX = this.sessionX[sessions.length - 1] + labels + spare;
      this.exchangeX = exchange ? this.frontX + EXCHANGE_GAP : null;
      this.width = (this.exchangeX ?? this.frontX) + 50;
      this.lanes = [
        ...sessions.map((name, index) => [name, this.sessionX[index]]),
        ["front", this.frontX],
        ...(exchange ? [["exchange", this.exchangeX]] : []),
      ];
    }

    /** How far down each row is. Time that passes makes room, and a long pause no more room than its break needs. */
    placeRows() {
      this.tops = new Float64Array(this.rows.length);
      this.breaks = [];
      this.days = [];
      let y = 6;
      let today = "";
      this.rows.forEach((event, at) => {
        const passed = at ? event.time - this.rows[at - 1].time : 0;
        if (passed >= LONG) {
          this.breaks.push({ y: y + 15, passed });
          y += 30;
        } else if (passed >= 1000) {
          y += 3 * Math.log10(passed / 100);
        }
        if (event.time - (event.time % (86400 * SECOND)) !== today) {
          today = event.time - (event.time % (86400 * SECOND));
          this.days.push({ y: y + 13, text: day(event.time) });
          y += 18;
        }
        this.tops[at] = y;
        y += ROW;
      });
      this.height = y + 14;
      const places = new Map(this.rows.map((event, at) => [event.index, this.tops[at] + ROW - 7]));
      let known = 0;
      this.yOf = this.events.map((event) => (known = places.get(event.index) ?? known));
    }

    drawHeads() {
      for (const [name, x] of this.lanes) {
        const width = Math.max(64, name.length * 8 + 20);
        this.heads.append(svg("rect", { x: x - width / 2, y: 4, width, height: 24, rx: 4, class: "head" }));
        this.heads.append(svg("text", { x, y: 20, class: "head", "text-anchor": "middle" }, name));
      }
      this.heads.append(svg("text", { x: STEP_X, y: 20, class: "dim" }, "step"), svg("text", { x: TIME_X, y: 20, class: "dim" }, "time"));
    }

    resize() {
      const set = (node, height) => {
        node.setAttribute("viewBox", `0 0 ${this.width} ${height}`);
        node.setAttribute("width", this.width * this.scale);
        node.setAttribute("height", height * this.scale);
      };
      set(this.heads, HEADS);
      set(this.field, this.height);
      this.tellScale(this.scale);
      this.drawn = null;
      this.draw();
    }

    /** Where the canvas shows the row that is to stay in view: the chosen one, if it is there, else the middle. */
    middle() {
      const chosen = tip.classList.contains("pinned") ? this.rows.findIndex((event) => String(event.index) === tip.dataset.event) : -1;
      const y = chosen < 0 ? -1 : (this.tops[chosen] + ROW / 2 + HEADS) * this.scale - this.canvas.scrollTop;
      return y >= 0 && y <= this.canvas.clientHeight ? y : this.canvas.clientHeight / 2;
    }

    /** Scrolls as far as it takes to see the row of an event. */
    keepInView(event) {
      const at = this.rows.indexOf(event);
      if (at < 0) return;
      const top = this.tops[at] * this.scale, bottom = (this.tops[at] + ROW + HEADS + 8) * this.scale;
      if (top < this.canvas.scrollTop) this.canvas.scrollTop = top;
      else if (bottom > this.canvas.scrollTop + this.canvas.clientHeight) this.canvas.scrollTop = bottom - this.canvas.clientHeight;
      this.draw();
    }

    /** Scrolls to the row of an event. */
    reveal(event) {
      const at = this.rows.findIndex((each) => each.index >= event.index);
      if (at < 0) return;
      this.canvas.scrollTop = this.tops[at] * this.scale - this.canvas.clientHeight / 2;
      this.draw();
    }

    zoom(factor, at) {
      const { canvas } = this;
      const box = canvas.getBoundingClientRect();
      const x = at ? at.clientX - box.left : canvas.clientWidth / 2;
      const y = at ? at.clientY - box.top : this.middle();
      const scale = Math.min(4, Math.max(0.1, this.scale * factor));
      const grown = scale / this.scale;
      this.scale = scale;
      const left = (canvas.scrollLeft + x) * grown - x;
      const top = (canvas.scrollTop + y) * grown - y;
      this.resize();
      canvas.scrollTo(left, top);
      this.draw();
    }

    fit() {
      this.zoom((this.canvas.clientWidth - 4) / this.width / this.scale);
    }

    /** Draws what is in view, and some more. */
    draw() {
      const top = this.canvas.scrollTop / this.scale;
      const bottom = top + this.canvas.clientHeight / this.scale;
      if (this.drawn && this.drawn[0] <= Math.max(0, top) && this.drawn[1] >= Math.min(bottom, this.height)) return;
      const from = Math.max(0, top - AROUND), to = Math.min(this.height, bottom + AROUND);
      this.drawn = [from, to];
      const within = (y) => y >= from && y <= to;
      this.still.replaceChildren();
      this.moving.replaceChildren();
      for (const [, x] of this.lanes) this.still.append(line(x, from, x, to, "life"));
      this.drawBars(from, to);
      for (const each of this.breaks) if (within(each.y)) this.drawBreak(each);
      for (const each of this.days) if (within(each.y)) this.still.append(svg("text", { x: TIME_X, y: each.y, class: "dim" }, each.text));
      let low = 0;
      for (let high = this.rows.length; low < high; ) {
        const middle = (low + high) >> 1;
        if (this.tops[middle] < from - ROW) low = middle + 1;
        else high = middle;
      }
      for (let at = low; at < this.rows.length && this.tops[at] <= to; at += 1) this.moving.append(this.row(at));
    }

    drawBars(from, to) {
      const names = ["up", "down", "silent"];
      for (const [session, market, state, number, first, last] of this.block.bars) {
        const y = this.yOf[first];
        const end = last === this.events.length - 1 ? this.height : this.yOf[last];
        const start = Math.max(y, from - 20), stop = Math.min(end, to + 20);
        if (stop <= start && !(y === end && y >= from && y <= to)) continue;
        const height = Math.max(2, stop - start);
        const x = this.sessionX[session];
        if (state && number && !market) {
          const width = (session + 1 < this.sessionX.length ? SESSION_GAP : this.frontX - x) - 6;
          this.still.append(svg("rect", { x: x + 5, y: start, width, height, class: `shade ${names[state]}` }));
        }
        const look = state === 1 && !number ? "new" : names[state];
        const box = market ? { x: x - 13, width: 4 } : { x: x - 5, width: 10 };
        const bar = svg("rect", { ...box, y: start, height, rx: 1.5, class: `bar ${look}` });
        const what = `${market ? "market" : "trading"} connection ${number || ""}`.trim();
        const [since, until] = [this.events[first].time, this.events[last].time];
        const words = { up: "up", down: number ? "broken" : "not yet made", silent: "silent" }[names[state]];
        bar.append(svg("title", {}, `${what}: ${words}, ${exact(since)} – ${exact(until)}, ${spoken(until - since)}`));
        this.still.append(bar);
      }
    }

    drawBreak({ y, passed }) {
      for (const [, x] of this.lanes) {
        this.still.append(svg("rect", { x: x - 15, y: y - 5, width: 30, height: 10, class: "ground" }));
        for (const shift of [-5, 3]) {
          const wave = `M${x - 9} ${y + shift + 2} l4.5 -4 l4.5 4 l4.5 -4 l4.5 4`;
          this.still.append(svg("path", { d: wave, class: "break" }));
        }
      }
      this.still.append(svg("text", { x: TIME_X, y: y + 4, class: "pause" }, `⋮ ${spoken(passed)}`));
    }

    row(at) {
      const event = this.rows[at];
      const y = this.tops[at];
      const group = svg("g", { "data-event": event.index, class: `event ${styleOf(event)}${event === view.chosen ? " chosen" : ""}` });
      group.append(svg("rect", { x: 0, y, width: this.width, height: ROW, class: "hit" }));
      const before = this.rows[at - 1];
      if (!before || clock(before.time) !== clock(event.time)) {
        group.append(svg("text", { x: TIME_X, y: y + 16, class: "time" }, clock(event.time)));
      }
      const draw = { q: "drawArrow", r: "drawArrow", f: "drawFault", p: "drawOutput" }[event.kind] ?? "drawStep";
      this[draw](group, event, y);
      return group;
    }

    drawStep(group, event, y) {
      let text = stepText(event, this.entry);
      const room = Math.floor(this.stepWidth / CHARACTER);
      if (text.length > room) text = `${text.slice(0, room - 1)}…`;
      group.append(line(STEP_X, y + 0.5, this.width, y + 0.5, "rule"));
      group.append(svg("text", { x: STEP_X, y: y + 16, class: "words" }, text));
    }

    drawArrow(group, event, y) {
      const x = this.sessionX[event.session];
      const level = y + ROW - 7;
      const { flags } = event;
      const far = flags & EXCHANGE ? this.exchangeX : flags & FRONT ? this.frontX : null;
      const outward = event.kind === "q";
      if (far === null) {
        group.append(svg("path", { d: cross(x, level), class: "cross" }));
      } else if (flags & LOST) {
        group.append(line(x + 6, level, x + 46, level, "shaft"), svg("path", { d: cross(x + 50, level), class: "cross" }));
      } else if (outward) {
        group.append(line(x + 6, level, this.frontX - 2, level, "shaft"), head(this.frontX - 1, level, 1));
        if (flags & EXCHANGE) {
          group.append(line(this.frontX, level, far - 2, level, "shaft onward"), head(far - 1, level, 1));
        }
      } else {
        group.append(line(far, level, x + 7, level, "shaft"), head(x + 6, level, -1));
        if (flags & EXCHANGE) group.append(svg("circle", { cx: this.frontX, cy: level, r: 2.5, class: "through" }));
      }
      let text = event.said;
      if (flags & REPLAYED) text = `↻ ${text}  (replayed)`;
      if (event.returned) text += `  returned ${event.returned}`;
      if (flags & MARKET) text = `market: ${text}`;
      group.append(svg("text", { x: x + 14, y: level - 5, class: "words" }, text));
    }

    /** What a program wrote, beside its lifeline. */
    drawOutput(group, event, y) {
      const x = this.sessionX[event.session];
      const level = y + ROW - 7;
      group.append(svg("circle", { cx: x, cy: level - 3, r: 3, class: "output" }));
      group.append(svg("text", { x: x + 14, y: level, class: "words" }, event.said));
    }

    drawFault(group, event, y) {
      const level = y + ROW - 7;
      const own = event.session >= 0 ? this.sessionX[event.session] : null;
      const x = own ?? this.sessionX[0];
      group.insertBefore(svg("rect", { x: STEP_X, y: y + 3, width: this.width - STEP_X, height: ROW - 4, class: "band" }), group.firstChild);
      const far = event.flags & EXCHANGE ? this.exchangeX : event.flags & FRONT ? this.frontX : null;
      if (far !== null && own !== null) {
        const stop = own + (this.frontX - own) * 0.6;
        group.append(line(far, level, stop, level, "shaft"));
        if (event.flags & KEPT) group.append(line(stop, level - 5, stop, level + 5, "cross"), line(stop - 4, level - 5, stop - 4, level + 5, "cross"));
        else group.append(svg("path", { d: cross(stop, level), class: "cross" }));
      }
      group.append(svg("text", { x: x + 14, y: level - 1, class: "words" }, `⚡ ${event.said}`));
    }
  }

  function stepText(event, entry) {
    if (event.kind === "v") return `${event.said} after ${spoken(entry.elapsed)}`;
    if (event.kind === "x") return `✗ ${event.said}`;
    if (event.kind === "l") return `“${event.said}”`;
    return `${event.failed ? "✗ " : ""}${"  ".repeat(event.depth)}${event.said}`;
  }

  const longestOf = (lengths) => lengths.reduce((most, each) => Math.max(most, each), 0);
  const line = (x1, y1, x2, y2, name) => svg("line", { x1, y1, x2, y2, class: name });
  const cross = (x, y) => `M${x - 4} ${y - 4} l8 8 m0 -8 l-8 8`;
  const head = (x, y, way) => svg("path", { d: `M${x} ${y} l${-7 * way} -4 v8 z`, class: "point" });

  function patterns() {
    const made = svg("defs");
    for (const name of ["down", "silent"]) {
      const pattern = svg("pattern", { id: `hatch-${name}`, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
      pattern.append(svg("rect", { width: 6, height: 6, class: `hatch-ground ${name}` }), svg("rect", { width: 3, height: 6, class: `hatch ${name}` }));
      made.append(pattern);
    }
    return made;
  }

  // ------------------------------------------------------------------------------------------------ the fields

  const NO_NUMBER = 1.7976931348623157e308;

  function value(raw, kind) {
    if (raw === NO_NUMBER) return "none (DBL_MAX)";
    if (typeof raw !== "string") return JSON.stringify(raw);
    const named = kind && page.constants[kind]?.[raw];
    return named ? `${raw}  ${named}` : raw;
  }

  function fillTip(event) {
    const { sessions } = view.block;
    const [chinese, known] = page.records[event.name] ?? ["", []];
    const title = element("h3", {}, event.name ?? (event.kind === "s" ? "step" : ""));
    if (chinese) title.append(element("span", { class: "chinese" }, ` ${chinese}`));
    const facts = [exact(event.time)];
    if (event.session >= 0) facts.push(sessions[event.session]);
    if (event.connection) facts.push(`connection ${event.connection}`);
    if (event.request) facts.push(`request ${event.request}`);
    if (event.returned !== undefined) facts.push(`returned ${event.returned}`);
    if (event.flags & REPLAYED) facts.push("replayed");
    if (event.waited !== undefined) facts.push(`took ${spoken(event.waited)}`);
    if (event.kind === "s" && event.line) facts.push(`${event.file || view.entry.file}:${event.line}`);
    tip.replaceChildren(title, element("p", { class: "dim" }, facts.join(" · ")));
    if (!event.name) tip.append(element("p", {}, event.said));
    if (event.kind === "s" && event.line && !event.file) {
      const button = element("button", { type: "button", class: "to-source" }, `source, line ${event.line}`);
      button.addEventListener("click", () => goToSource(event.line));
      tip.append(button);
    }
    if (event.message || event.code) tip.append(element("p", { class: event.code ? "warn" : "" }, `ErrorID ${event.code} ${event.message}`));
    const fields = fieldsOf(view.events, event);
    if (fields) {
      const table = element("div", { class: fields.size > 16 ? "fields wide" : "fields" });
      for (const [number, text, kind] of known) {
        if (!fields.has(number)) continue;
        table.append(element("div", {},
          element("b", {}, page.names[number]), element("span", { class: "chinese" }, text),
          element("span", {}, value(fields.get(number), kind))));
      }
      tip.append(table);
    }
  }

  function placeTip(x, y) {
    const { offsetWidth: width, offsetHeight: height } = tip;
    tip.style.left = `${Math.max(4, x + 18 + width > innerWidth ? x - width - 12 : x + 18)}px`;
    const below = y + 22 + height < innerHeight, above = y - 30 - height > 0;
    tip.style.top = `${below ? y + 22 : above ? y - 30 - height : Math.max(4, innerHeight - height - 6)}px`;
  }

  function hideTip(pinned = false) {
    if (pinned || !tip.classList.contains("pinned")) {
      tip.hidden = true;
      tip.classList.remove("pinned");
      delete tip.dataset.event;
    }
  }

  function pointed(event) {
    const found = event.target.closest?.("[data-event]");
    return found && view ? view.events[found.dataset.event] : null;
  }

  main.addEventListener("mousemove", (event) => {
    if (tip.classList.contains("pinned")) return;
    const found = pointed(event);
    if (!found) return hideTip();
    if (tip.dataset.event !== String(found.index)) {
      fillTip(found);
      tip.dataset.event = found.index;
      tip.hidden = false;
    }
    placeTip(event.clientX, event.clientY);
  });
  main.addEventListener("mouseleave", () => hideTip());
  main.addEventListener("click", (event) => {
    const found = pointed(event);
    if (!found) return;
    choose(found);
    const again = tip.classList.contains("pinned") && tip.dataset.event === String(found.index);
    hideTip(true);
    if (!again) pin(found, event.clientX, event.clientY);
  });

  /** Keeps in view what is known of an event. */
  function pin(event, x, y) {
    fillTip(event);
    tip.dataset.event = event.index;
    tip.hidden = false;
    tip.classList.add("pinned");
    placeTip(x, y);
  }

  addEventListener("keydown", (event) => { if (event.key === "Escape") hideTip(true); });

  // ------------------------------------------------------------------------------------------- state at an event

  /** Chooses an event, marks its row, and shows what is known there; without one, what was known in the end. */
  function choose(event) {
    view.chosen = event;
    for (const each of main.querySelectorAll(".chosen")) each.classList.remove("chosen");
    if (event) {
      view.reveal(event);
      main.querySelector(`[data-event="${event.index}"]`)?.classList.add("chosen");
    }
    const at = event ?? view.events[view.events.length - 1];
    main.querySelector(".state")?.replaceChildren(...stateShown(view.states.at(at.index), event === null));
  }

  const amount = (number) => number.toLocaleString("en", { maximumFractionDigits: 2 });
  const LINKS = { absent: "no API object", logged_in: "logged in" };
  const MONEY = [["Balance", "balance"], ["Available", "available"], ["CurrMargin", "margin"], ["FrozenMargin", "frozen"], ["CloseProfit", "closed"], ["PositionProfit", "open profit"], ["Commission", "fees"]];

  function stateShown({ event, step, sessions }, isEnd) {
    const head = element("h3", {}, isEnd ? "In the end" : `At ${clock(event.time)}`);
    const facts = element("p", { class: "dim" }, `${day(event.time)} ${exact(event.time)}`);
    if (step && !isEnd) {
      facts.append(element("br"), step.said);
      if (step.line && !step.file) {
        const link = element("button", { type: "button", class: "to-source" }, `line ${step.line}`);
        link.addEventListener("click", () => goToSource(step.line));
        facts.append(" ", link);
      }
    }
    const hint = element("p", { class: "dim hint" }, "Enter, then j k or arrows, or a click: the state at a row");
    return [head, facts, ...(isEnd ? [hint] : []), ...sessions.map(sessionShown)];
  }

  function sessionShown(one) {
    const made = element("section", { "data-session": one.name }, element("h4", {}, one.name));
    const link = LINKS[one.link] ?? one.link;
    made.append(element("p", { class: `link ${one.link === "ready" ? "good" : "dim"}` }, one.connection ? `${link}, connection ${one.connection}` : link));
    made.append(ordersShown(one), positionsShown(one), moneyShown(one));
    return made;
  }

  function table(name, heads, rows) {
    const made = element("table", { class: name }, element("tr", {}, ...heads.map((text) => element("th", {}, text))));
    for (const [style, ...cells] of rows) made.append(element("tr", style ? { class: style } : {}, ...cells.map((text) => element("td", {}, text))));
    return made;
  }

  function ordersShown(one) {
    const working = [...one.orders.values()].map((order) => State.describe(order, page.constants)).filter((order) => order.works);
    if (!working.length) return element("p", { class: "orders dim" }, "no working order");
    const made = element("ul", { class: "orders" });
    for (const order of working) {
      const text = `#${order.reference} ${order.text}${order.price ? ` at ${amount(order.price)}` : ""}`;
      made.append(element("li", {}, text, element("span", { class: "dim" }, ` ${order.status}`)));
    }
    return made;
  }

  /** What the session's trades add up to, beside what the venue holds; what they differ in stands out. */
  function positionsShown(one) {
    const names = [...new Set([...one.positions.keys(), ...Object.keys(one.venue?.held ?? {})])].sort();
    const sides = (lots) => [lots[0] + lots[1], lots[2] + lots[3]];
    const words = ([long, short]) => [long ? `long ${long}` : "", short ? `short ${short}` : ""].filter(Boolean).join(", ") || "–";
    const NONE = [0, 0, 0, 0];
    const rows = names.map((name) => {
      const seen = sides(one.positions.get(name) ?? NONE);
      if (!one.venue) return ["", name, words(seen)];
      const held = sides(one.venue.held[name] ?? NONE), first = sides(one.first[name] ?? NONE);
      const differs = seen.some((lots, side) => lots + first[side] !== held[side]);
      return [differs ? "warn" : "", name, words(seen), words(held)];
    }).filter(([, , ...lots]) => lots.some((text) => text !== "–"));
    if (!rows.length) return element("p", { class: "positions dim" }, "nothing held");
    return table("positions", ["position", "as reported", ...(one.venue ? ["at the venue"] : [])], rows);
  }

  function moneyShown(one) {
    const known = one.venue ?? one.told;
    if (!known) return element("p", { class: "money dim" }, "money: not known");
    const rows = MONEY.filter(([field], at) => at < 2 || known.money[field]).map(([field, word]) => ["", word, amount(known.money[field] ?? 0)]);
    return table("money", ["money", `${one.venue ? "" : "as told "}${clock(known.time)}`], rows);
  }

  /** Goes on, or back, by rows or by steps. */
  function moveChosen(by, steps) {
    const rows = steps ? view.rows.filter((event) => event.kind === "s" || event === view.chosen) : view.rows;
    const at = rows.indexOf(view.chosen);
    const failed = rows.findIndex((event) => event.failed);
    const next = at < 0 ? Math.max(0, failed) : Math.min(rows.length - 1, Math.max(0, at + by));
    hideTip(true);
    choose(rows[next] ?? null);
  }

  // ------------------------------------------------------------------------------------------------- beginning

  const MOVES = { j: 1, J: 1, ArrowDown: 1, k: -1, K: -1, ArrowUp: -1 };

  /** Opens the next scenario of the list, or the one before; in a diagram or report, goes from row to row. */
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    const inside = event.target.closest(".moves");
    if (event.key === "Enter" && !event.target.closest("button, .number")) {
      event.preventDefault();
      main.querySelector(".moves")?.focus();
      if (!inside && !view.chosen) moveChosen(1, false);
    }
    if (event.key === "Escape" && inside) inside.blur();
    const move = MOVES[event.key];
    if (!move) return;
    if (inside) {
      event.preventDefault();
      moveChosen(move, event.shiftKey);
      return;
    }
    if (event.key.startsWith("Arrow") && event.target.closest(".body")) return; // they scroll there
    const shown = ordered.filter((entry) => !entry.item.hidden);
    const at = shown.findIndex((entry) => entry === view?.entry);
    const next = shown[at < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, at + move))];
    if (!next) return;
    event.preventDefault();
    location.hash = next.link.getAttribute("href");
  });

  beginList();
  const fromAddress = () => entries.findIndex((entry) => entry.link.getAttribute("href") === location.hash);
  const overview = byId("overview");

  /** Opens what the address names; where that is nothing, the overview, if the page has one. */
  function openAddress() {
    const index = fromAddress();
    if (index >= 0 || !overview) return open(index);
    for (const each of entries) each.link.removeAttribute("aria-current");
    view = null;
    hideTip(true);
    main.replaceChildren(overview);
  }

  if (overview) {
    for (const link of overview.querySelectorAll("a[data-run]")) {
      link.setAttribute("href", entries[link.dataset.run].link.getAttribute("href"));
    }
    document.querySelector("header").append(element("a", { href: "#", class: "back" }, "overview"));
  }
  addEventListener("hashchange", openAddress);
  if (overview || fromAddress() >= 0) openAddress();
  else open(entries.indexOf(ordered[0]));
})();
