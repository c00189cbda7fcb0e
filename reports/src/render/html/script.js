(function () {
  "use strict";
  // What this finds stands on the page already, or packed in it; it searches, filters, steps and opens.
  var $ = function (id) { return document.getElementById(id); };
  var all = function (selector, within) { return Array.from((within || document).querySelectorAll(selector)); };
  var list = $("list"), found = $("found"), search = $("search"), byVerdict = $("by-verdict"), byName = $("by-implementation");
  var data = null, texts = null, spot = {}, state = { target: "", q: "", v: "", i: "" };
  var MANY = 300, RESULTS = 8;

  // ---- what is packed ----
  function unpack(script) {
    var bytes = Uint8Array.from(atob(script.textContent), function (c) { return c.charCodeAt(0); });
    var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).text().then(JSON.parse);
  }
  var packs = {};
  all("script[data-from]").forEach(function (script) {
    (packs[script.dataset.pack] = packs[script.dataset.pack] || []).push({ from: +script.dataset.from, script: script });
  });
  // The element with a number, from its pack.
  function piece(name, number) {
    var pack = (packs[name] || []).findLast(function (pack) { return pack.from <= number; });
    if (!pack) { return Promise.resolve(null); }
    pack.pieces = pack.pieces || unpack(pack.script);
    return pack.pieces.then(function (pieces) {
      var box = document.createElement("template");
      box.innerHTML = pieces[number - pack.from];
      return box.content.firstElementChild;
    });
  }

  // ---- the address: a target, then what is searched and filtered by ----
  function decoded(text) { try { return decodeURIComponent(text); } catch (_) { return text; } }
  function read() {
    var parts = location.hash.slice(1).split("&");
    state = { target: decoded(parts[0]), q: "", v: "", i: "", s: "" };
    parts.slice(1).forEach(function (part) {
      var at = part.indexOf("="), key = part.slice(0, at);
      if (at > 0 && key !== "target" && key in state) { state[key] = decoded(part.slice(at + 1)); }
    });
  }
  function write() {
    var hash = "#" + encodeURI(state.target);
    ["q", "v", "i", "s"].forEach(function (key) {
      if (state[key]) { hash += "&" + key + "=" + encodeURIComponent(state[key]); }
    });
    history.replaceState(null, "", hash);
  }

  // ---- failures ----
  function order() { return data ? data.failures.map(function (it) { return it[0]; }) : all("article.failure").map(function (it) { return it.id; }); }
  // Puts a packed failure where it belongs among those that are there.
  function failure(id) {
    var there = $(id), number = spot[id];
    if (there || number === undefined) { return Promise.resolve(there); }
    return piece("failures", number).then(function (article) {
      if (!article || $(id)) { return $(id); }
      var after = all("article.failure", list).find(function (it) { return spot[it.id] > number; });
      list.insertBefore(article, after || null);
      enhance(article);
      return article;
    });
  }
  function go(id) {
    state.target = id;
    if (id.indexOf("failure/") === 0) {
      return failure(id).then(function (it) { if (it) { it.hidden = false; arrive(it); } });
    }
    if (id.indexOf("case/") === 0 && data && spot[id] !== undefined) {
      return cases([spot[id]], true).then(function () { if ($(id)) { arrive($(id)); } });
    }
    var it = $(id);
    if (it) { arrive(it); }
    return Promise.resolve();
  }
  function arrive(it) {
    for (var up = it; up; up = up.parentElement) { if (up.tagName === "DETAILS") { up.open = true; } }
    all(".at").forEach(function (other) { other.classList.remove("at"); });
    it.classList.add("at");
    if (!it.matches("a,button,input,select,summary,[tabindex]")) { it.tabIndex = -1; }
    var head = it.matches("details") ? it.querySelector("summary") : it;
    head.focus({ preventScroll: true });
    it.scrollIntoView({ block: "start" });
    write();
  }
  function step(by) {
    var ids = order().filter(matchesId), now = ids.indexOf(state.target);
    if (!ids.length) { return; }
    var next = now < 0 ? (by > 0 ? 0 : ids.length - 1) : Math.max(0, Math.min(ids.length - 1, now + by));
    state.s = "";
    go(ids[next]);
  }

  // ---- search and filters ----
  function words(q) { return q.toLowerCase().split(/\s+/).filter(Boolean); }
  function has(text, wanted) { return wanted.every(function (word) { return text.indexOf(word) >= 0; }); }
  var matching = { failures: null };
  function matchesId(id) { return !matching.failures || matching.failures.has(id); }
  function letterOf(name) { var it = data.letters.find(function (l) { return l[1] === name; }); return it ? it[0] : ""; }
  function apply() {
    search.value = state.q; byVerdict.value = state.v;
    if (byName) { byName.value = state.i; }
    if (!data) { return; }
    var wanted = words(state.q), who = data.implementations.indexOf(state.i), letter = state.v ? letterOf(state.v) : "";
    var any = wanted.length || state.v || state.i;
    var pick = function (kind, test) {
      return data[kind].map(function (it, n) { return n; }).filter(function (n) { return has(texts[kind][n], wanted) && test(data[kind][n]); });
    };
    var fails = pick("failures", function (it) { return (who < 0 || it[2] === who) && (!state.v || it[5] === state.v); });
    var tried = pick("cases", function (it) {
      return who < 0 ? !letter || it[4].indexOf(letter) >= 0 : letter ? it[4][who] === letter : it[4][who] !== "-";
    });
    matching.failures = any ? new Set(fails.map(function (n) { return data.failures[n][0]; })) : null;
    all("article.failure", list || document.createElement("div")).forEach(function (it) { it.hidden = !matchesId(it.id); });
    all(".index .signature").forEach(function (group) {
      var shown = 0;
      all("li", group).forEach(function (li) { li.hidden = !matchesId(li.dataset.id); if (!li.hidden) { shown += 1; } });
      group.hidden = !shown;
      group.querySelector(".count").textContent = shown.toLocaleString("en");
    });
    var rows = heat(wanted, who);
    var known = new Set();
    all(".trace").forEach(function (it) {
      var kind = it.id.indexOf("row/") === 0 ? "rows" : "facts", n = spot[it.id];
      it.hidden = n !== undefined && !has(texts[kind][n], wanted);
      if (!it.hidden) { known.add(it.id); }
    });
    all(".nomatch").forEach(function (it) { it.hidden = !any || !!it.parentElement.querySelector("article.failure:not([hidden]),tr.row:not([hidden]),.trace:not([hidden])"); });
    var nofail = list && list.parentElement.querySelector(".nomatch");
    if (nofail) { nofail.hidden = !any || fails.length > 0; }
    show = tried; cases(tried.slice(0, MANY), false);
    results(any, fails, tried, pick("rows", function (it) { return rows.has(it[1]); }), pick("facts", function () { return true; }), wanted);
  }
  function heat(wanted, who) {
    var shown = new Set();
    all("table.heat").forEach(function (table) {
      all("tr.row", table).forEach(function (row) {
        var n = spot[row.dataset.anchor];
        var verdicts = row.dataset.verdicts.split(" ");
        var fits = !state.v || (who < 0 ? verdicts.indexOf(state.v) >= 0 : verdicts[who] === state.v);
        row.hidden = !fits || !has(n === undefined ? row.textContent.toLowerCase() : texts.rows[n], wanted);
        if (!row.hidden) { shown.add(row.dataset.row); }
      });
      all("tbody", table).forEach(function (body) { body.hidden = !body.querySelector("tr.row:not([hidden])"); });
      table.parentElement.hidden = !table.querySelector("tbody:not([hidden])");
      all("tr", table).forEach(function (row) {
        if (row.classList.contains("group")) { return; }
        Array.from(row.children).slice(1).forEach(function (cell, n) { cell.hidden = who >= 0 && n !== who; });
      });
    });
    return shown;
  }
  function results(any, fails, tried, rows, facts, wanted) {
    found.hidden = !any;
    found.textContent = "";
    if (!any) { return; }
    var line = document.createElement("p");
    line.textContent = [count(fails.length, "failure"), count(tried.length, "scenario"), count(rows.length, "row"),
      wanted.length ? count(facts.length, "statement") : ""].filter(Boolean).join(" · ");
    found.appendChild(line);
    if (!wanted.length) { return; }
    var ul = document.createElement("ul");
    [["failures", fails, 1], ["rows", rows, 3], ["cases", tried, 2], ["facts", facts, 2]].forEach(function (kind) {
      kind[1].slice(0, RESULTS).forEach(function (n) {
        var it = data[kind[0]][n], li = document.createElement("li"), a = document.createElement("a");
        a.href = "#" + it[0];
        a.textContent = it[1];
        li.append(a, kind[2] === 1 ? "" : " " + it[kind[2]]);
        ul.appendChild(li);
      });
    });
    found.appendChild(ul);
  }
  function count(n, noun) { return n.toLocaleString("en") + " " + noun + (n === 1 ? "" : "s"); }

  // ---- scenarios: as many as are asked for ----
  var show = [], lines = new Map(), turn = 0;
  var table = document.querySelector("table.cases");
  if (table) { all("tbody tr", table).forEach(function (row) { lines.set(row.id, row); }); }
  // Shows the scenarios with these numbers; or also those.
  function cases(numbers, also) {
    if (!table) { return Promise.resolve(); }
    var mine = also ? turn : turn += 1;
    return Promise.all(numbers.map(function (n) {
      var id = data.cases[n][0];
      return lines.get(id) || piece("cases", n).then(function (row) { if (row) { lines.set(id, row); } return row; });
    })).then(function (rows) {
      if (mine !== turn) { return; }
      var body = table.tBodies[0];
      rows = rows.filter(Boolean);
      if (also) { rows.forEach(function (row) { if (!row.isConnected) { body.prepend(row); } }); } else { body.replaceChildren.apply(body, rows); }
      var more = document.querySelector("#cases .more");
      more.hidden = show.length <= body.rows.length;
      more.querySelector("span").textContent = body.rows.length.toLocaleString("en") + " of " + show.length.toLocaleString("en");
    });
  }

  // ---- a cell: its scenarios and failures ----
  function cell(row, name) {
    if (!data) { return; }
    var box = $("box"), who = data.implementations.indexOf(name), it = data.rows[spot[row.dataset.anchor]];
    var id = it[1], short = it[2];
    box.textContent = "";
    var head = document.createElement("h2");
    head.textContent = id + ": " + name;
    var close = document.createElement("button");
    close.type = "button"; close.textContent = "close"; close.addEventListener("click", function () { box.close(); });
    box.append(head, close);
    var said = document.createElement("p");
    said.textContent = it[3];
    box.append(said);
    var fails = data.failures.filter(function (f) { return f[2] === who && f[4].indexOf(id) >= 0; });
    var tried = data.cases.filter(function (c) { return c[4][who] !== "-" && (c[3].indexOf(id) >= 0 || c[3].indexOf(short) >= 0); });
    var part = function (title, items, of) {
      var h = document.createElement("h3"), ul = document.createElement("ul");
      h.textContent = count(items.length, title);
      items.slice(0, MANY).forEach(function (item) {
        var li = document.createElement("li"), a = document.createElement("a");
        a.href = "#" + item[0];
        a.textContent = item[1];
        a.addEventListener("click", function () { box.close(); });
        li.append(of(item), a, item.length === 5 ? " " + item[2] : "");
        ul.appendChild(li);
      });
      box.append(h, ul);
    };
    if (fails.length) { part("failure", fails, function () { return "✗ "; }); }
    part("scenario", tried, function (c) {
      var told = data.letters.find(function (l) { return l[0] === c[4][who]; });
      return told[2] + " " + told[1] + ": ";
    });
    var a = document.createElement("a");
    a.href = "#" + it[0]; a.textContent = "What the row rests on";
    a.addEventListener("click", function () { box.close(); });
    var last = document.createElement("p");
    last.append(a);
    box.append(last);
    box.showModal();
  }

  // ---- one stop for the Tab key in what the arrows go through ----
  function rove(box) {
    var stops = function () { return all("a,summary", box).filter(function (it) { return it.offsetParent; }); };
    var current = null;
    var set = function (it) {
      if (current) { current.tabIndex = -1; }
      current = it;
      if (it) { it.tabIndex = 0; }
    };
    all("a,summary", box).forEach(function (it) { it.tabIndex = -1; });
    set(box.querySelector("a,summary"));
    box.addEventListener("focusin", function (event) { var it = event.target.closest("a,summary"); if (it) { set(it); } });
    box.addEventListener("keydown", function (event) {
      var by = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
      if (!by || event.altKey || event.ctrlKey || event.metaKey) { return; }
      var now = stops(), at = now.indexOf(current), next;
      if (box.tagName === "TABLE" && by[1]) {
        var column = current.closest("td,th").cellIndex, row = current.closest("tr"), rows = all("tr.row", box).filter(function (it) { return it.offsetParent; });
        var to = rows[rows.indexOf(row) + by[1]];
        next = to && to.cells[column].querySelector("a");
      } else {
        next = now[at + by[0] + by[1]];
      }
      event.preventDefault();
      if (next) { next.focus(); }
    });
  }

  // ---- what each part of the page gets ----
  function enhance(root) {
    if (navigator.clipboard) {
      all("code.copy,pre.copy", root).forEach(function (code) {
        var button = document.createElement("button");
        button.type = "button"; button.className = "copy"; button.textContent = "copy";
        button.addEventListener("click", function () {
          navigator.clipboard.writeText(code.textContent).then(function () {
            button.textContent = "copied";
            setTimeout(function () { button.textContent = "copy"; }, 1500);
          });
        });
        code.insertAdjacentElement(code.tagName === "PRE" ? "beforebegin" : "afterend", button);
      });
    }
    // A long picture begins where it matters: with the ring in sight.
    all("svg.timeline .ring", root).forEach(function (ring) {
      var box = ring.closest(".scroll");
      if (!box || box.scrollLeft) { return; }
      var at = ring.getBoundingClientRect(), frame = box.getBoundingClientRect();
      if (at.right > frame.right) { box.scrollLeft = at.right - frame.right + 24; }
    });
    all("details.moment", root).forEach(function (moment) {
      moment.addEventListener("toggle", function () { if (moment.open) { mark(moment); } });
    });
  }
  // The column of the picture of which the values are shown.
  function mark(moment) {
    var article = moment.closest("article");
    all("rect.step.now", article).forEach(function (it) { it.classList.remove("now"); });
    var column = article.querySelector('figure rect.step[data-column="' + moment.dataset.column + '"]');
    if (column) { column.classList.add("now"); }
  }
  function moments(article, by) {
    var every = all("details.moment", article);
    if (!every.length) { return false; }
    var now = every.findIndex(function (it) { return it.open; });
    var next = every[Math.max(0, Math.min(every.length - 1, now < 0 ? every.length - 1 : now + by))];
    every.forEach(function (it) { it.open = it === next; });
    mark(next);
    state.target = article.id; state.s = next.dataset.column; write();
    next.querySelector("summary").scrollIntoView({ block: "nearest" });
    return true;
  }

  // ---- keys ----
  function here() {
    var focused = document.activeElement.closest && document.activeElement.closest("article.failure");
    return focused || (state.target.indexOf("failure/") === 0 ? $(state.target) : null);
  }
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    var typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "Escape" && event.target === search) { set("q", ""); search.blur(); return; }
    if (typing || event.defaultPrevented || document.querySelector("dialog[open]")) { return; }
    var article;
    if (event.key === "/") { search.focus(); search.select(); }
    else if (event.key === "j") { step(1); }
    else if (event.key === "k") { step(-1); }
    else if (event.key === "?") { $("help").showModal(); }
    else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      article = here();
      if (!article || event.target.closest(".scroll,.rove") || !moments(article, event.key === "ArrowRight" ? 1 : -1)) { return; }
    } else { return; }
    event.preventDefault();
  });
  function set(key, value) { state[key] = value; write(); apply(); }

  // ---- the beginning ----
  var index = document.querySelector('script[data-pack="index"]');
  if (index) {
    search.closest(".tools").hidden = false;
    search.addEventListener("input", function () { set("q", search.value); });
    byVerdict.addEventListener("change", function () { set("v", byVerdict.value); });
    if (byName) { byName.addEventListener("change", function () { set("i", byName.value); }); }
    $("keys").addEventListener("click", function () { $("help").showModal(); });
  }
  all(".rove").forEach(rove);
  enhance(document);
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[href^='#']"), within = event.target.closest("table.heat td");
    if (within) {
      event.preventDefault();
      cell(within.parentElement, within.closest("table").querySelectorAll("th.who")[within.cellIndex - 1].textContent);
    } else if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      var target = decoded(link.getAttribute("href").slice(1));
      event.preventDefault();
      history.pushState(null, "", location.href);
      state.s = "";
      go(target);
    }
  });
  var more = document.querySelector("#cases .more button");
  if (more) { more.addEventListener("click", function () { cases(show.slice(0, table.tBodies[0].rows.length + MANY), false); }); }
  function arrived() {
    read();
    apply();
    if (!state.target) { return Promise.resolve(); }
    return go(state.target).then(function () {
      var moment = state.s && $(state.target) && $(state.target).querySelector('.moment[data-column="' + CSS.escape(state.s) + '"]');
      if (moment) { moment.open = true; mark(moment); }
    });
  }
  // Paper has no clicks: what reproduces a failure is printed with it.
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = all("details.scenario:not([open]),details.moment.last:not([open])");
    opened.forEach(function (it) { it.open = true; });
  });
  window.addEventListener("afterprint", function () { opened.forEach(function (it) { it.open = false; }); });
  window.addEventListener("hashchange", arrived);
  window.addEventListener("popstate", arrived);
  (index ? unpack(index) : Promise.resolve(null)).then(function (read) {
    data = read;
    if (!data) { return; }
    texts = {};
    ["failures", "cases", "rows", "facts"].forEach(function (kind) {
      texts[kind] = data[kind].map(function (it, n) { spot[it[0]] = n; return it.flat().join(" ").toLowerCase(); });
    });
    show = data.cases.map(function (it, n) { return n; });
    if (more) { more.parentElement.hidden = show.length <= MANY; more.nextElementSibling.textContent = ""; }
    return arrived();
  }).then(function () { document.documentElement.dataset.ready = "yes"; });
})();
