// Looks for words in LECTERN_INDEX (search-index.js): rows of title, kind, names, event, tags, address, text.
// Every word must be found, at the start of a word; where in the row it stands decides the order.
(function () {
  "use strict";
  const MOST = 60, AROUND = 90;
  const weights = [12, 2, 7, 5, 6, 0, 1];
  const input = document.getElementById("q");
  const list = document.getElementById("results");
  const status = document.getElementById("status");
  let folded = null, timer = 0;

  // Lower case without accents, a unit of text for a unit of text: places found in it are places in the original.
  function fold(text) {
    let out = "";
    for (const unit of text.split("")) {
      const plain = unit.normalize("NFD").charAt(0).toLowerCase();
      out += plain.length === 1 ? plain : unit;
    }
    return out;
  }

  function prepared() {
    if (!folded) folded = LECTERN_INDEX.map(row => row.map((part, i) => (i === 5 ? "" : fold(part))));
    return folded;
  }

  const letter = /[\p{L}\p{N}]/u;

  // Scripts that put no space between words are looked into anywhere.
  const dense = /[\u2e80-\ud7af\u0e00-\u0eff]/;

  // Where WORD begins a word of TEXT, or -1.
  function place(text, word) {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      if (at === 0 || !letter.test(text[at - 1]) || !letter.test(word[0]) || dense.test(word[0])) return at;
    }
    return -1;
  }

  // What a row is worth for WORDS; 0 where one of them is missing.
  function score(row, words) {
    let sum = 0;
    for (const word of words) {
      let best = 0;
      for (let i = 0; i < row.length; i++) {
        if (weights[i] > best && place(row[i], word) >= 0) best = weights[i];
      }
      if (best === 0) return 0;
      sum += best;
    }
    return sum;
  }

  function found(words) {
    const hits = [];
    prepared().forEach(function (row, i) {
      const worth = score(row, words);
      if (worth > 0) hits.push({ i: i, worth: worth });
    });
    return hits.sort((a, b) => b.worth - a.worth || a.i - b.i);
  }

  function element(name, kind, text) {
    const made = document.createElement(name);
    if (kind) made.className = kind;
    if (text) made.textContent = text;
    return made;
  }

  // TEXT with the words found in it marked, as nodes: nothing of it is read as HTML.
  function marked(into, text, plain, words) {
    let from = 0;
    const spots = words.map(word => ({ at: place(plain, word), length: word.length })).filter(s => s.at >= 0)
      .sort((a, b) => a.at - b.at);
    for (const spot of spots) {
      if (spot.at < from) continue;
      into.append(text.slice(from, spot.at), element("mark", "", text.slice(spot.at, spot.at + spot.length)));
      from = spot.at + spot.length;
    }
    into.append(text.slice(from));
  }

  function around(text, plain, words) {
    let at = -1;
    for (const word of words) {
      const here = place(plain, word);
      if (here >= 0 && (at < 0 || here < at)) at = here;
    }
    const start = Math.max(0, Math.min(at, text.length) - AROUND);
    const from = start === 0 ? 0 : text.indexOf(" ", start) + 1;
    const stop = from + 2.4 * AROUND < text.length ? text.lastIndexOf(" ", from + 2.4 * AROUND) : text.length;
    return [from, stop > from ? stop : Math.min(text.length, from + 2 * AROUND)];
  }

  function result(i, words) {
    const row = LECTERN_INDEX[i], plain = prepared()[i];
    const item = element("li"), link = element("a");
    link.href = row[5];
    marked(link, row[0], plain[0], words);
    item.append(link);
    const where = [row[1] === "talk" ? "" : row[1], row[2], row[3]].filter(Boolean).join(" · ");
    if (where) item.append(element("span", "where", where));
    if (row[6]) {
      const text = element("span", "text"), cut = around(row[6], plain[6], words);
      if (cut[0] > 0) text.append("… ");
      marked(text, row[6].slice(cut[0], cut[1]), plain[6].slice(cut[0], cut[1]), words);
      if (cut[1] < row[6].length) text.append(" …");
      item.append(text);
    }
    return item;
  }

  function show() {
    const words = fold(input.value).split(/[^\p{L}\p{N}'+#.-]+/u).filter(Boolean).slice(0, 12);
    list.replaceChildren();
    if (words.length === 0) {
      status.textContent = "";
      return;
    }
    const hits = found(words);
    const rest = hits.length > MOST ? "; the best " + MOST + " are shown" : "";
    status.textContent = hits.length === 0 ? "Nothing found." : hits.length + " found" + rest + ".";
    for (const hit of hits.slice(0, MOST)) list.append(result(hit.i, words));
  }

  input.addEventListener("input", function () {
    clearTimeout(timer);
    timer = setTimeout(show, 120);
  });
  input.form.addEventListener("submit", function (event) {
    event.preventDefault();
    clearTimeout(timer);
    show();
  });
  const asked = new URLSearchParams(location.search).get("q");
  if (asked) {
    input.value = asked;
    show();
  } else {
    input.focus();
  }
})();
