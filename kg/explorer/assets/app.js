"use strict";
/* The page: state, panels, history. Text reaches the document through textContent only. */
(() => {
  const $ = id => document.getElementById(id);
  const data = id => JSON.parse($(id).textContent);
  const META = data("kg-meta"), TEXTS = JSON.parse(Inflate($("kg-texts").textContent, Number($("kg-texts").dataset.size)));
  const NODES = data("kg-nodes").map((node, i) => ({ ...node, ...TEXTS.nodes[i] }));
  /* A claim is two signs: its strength (s, i, p) and its source (1 to 4, p). */
  const EDGES = data("kg-edges").map(edge => ({
    ...edge, a: NODES[edge.from], b: NODES[edge.to],
    s: [...new Set(edge.claims.map(c => c[0]))].join(""), o: [...new Set(edge.claims.map(c => c[1]))].join("") }));
  const LANGS = ["zh", "en"];
  const byId = new Map(NODES.map(node => [node.id, node]));
  const around = new Map(NODES.map(node => [node, []]));
  for (const edge of EDGES) { around.get(edge.a).push(edge); if (edge.b !== edge.a) around.get(edge.b).push(edge); }
  const own = (table, key) => (Object.prototype.hasOwnProperty.call(table, key) ? table[key] : undefined);
  const find = Search(NODES, META.fold);

  const UI = {
    zh: {
      html: "zh-CN", title: "销售运营知识图谱", tagline: (n, m) => `${n} 个术语 · ${m} 条关系 · 中英对照 · 注明来源`,
      q: "查找术语:中文、英文、拼音、首字母", results: "查找结果", none: "没有匹配的术语", home: "全图", filters: "筛选", dark: "深色", light: "浅色", other: "English",
      nav: "筛选", map: "概念图;右侧详情与列表包含同样的内容", details: "详情", skip: "跳到详情", zoomIn: "放大", zoomOut: "缩小", fit: "适合窗口",
      tier: "层级", groups: "类别", families: "关系", strength: "依据", source: "来源", reset: "恢复默认",
      strengths: { s: "明说", i: "隐含", p: "本图谱补充" }, sources: { 1: "回答1", 2: "回答2", 3: "回答3", 4: "回答4", p: "本图谱补充" },
      welcome: "从这里开始", intro: "点一个主题看其中的术语,点一个术语看它和谁相连;也可以直接查找。", examples: "两个例子", topics: "主题", terms: n => `${n} 个术语`,
      also: "又名", definition: "定义", metric: "指标口径", measures: "基础度量",
      variants: "不同口径", usual: "默认", versions: "来源中的不同说法", confused: "容易混淆",
      owner: "负责人", status: "状态", reviewed: "审阅于", effective: "生效于", instead: "请改用",
      relations: n => `关系(${n})`, filed: "归类", disputed: "来源说法不一", more: n => `另有 ${n} 条未画出,见下方列表`, deeper: n => `另有 ${n} 个术语未画出,图中以 + 标出`, rest: n => `另有 ${n} 个`, alone: "没有直接关系,或已被筛选隐藏", hidden: n => `有 ${n} 条关系被筛选隐藏`, mentioned: n => `来源页面有 ${n} 处提到`,
      depth: "层数", core: "核心术语", others: "其他术语", missing: "没有这个术语", back: "全图", dashed: "虚线 = 隐含", pale: "浅色 = 低置信", shown: (name, n) => `${name},${n} 条关系`, listed: n => `共 ${n} 个匹配`,
    },
    en: {
      html: "en", title: "Sales operations knowledge graph", tagline: (n, m) => `${n} terms · ${m} relations · Chinese and English`,
      q: "Find a term: English, Chinese, pinyin, initials", results: "Search results", none: "Nothing found", home: "Overview", filters: "Filter", dark: "Dark", light: "Light", other: "中文",
      nav: "Filter", map: "Concept map; the details beside it hold the same content", details: "Details", skip: "Skip to details", zoomIn: "Zoom in", zoomOut: "Zoom out", fit: "Fit to window",
      tier: "Tier", groups: "Classes", families: "Relations", strength: "Evidence", source: "Source", reset: "Back to defaults",
      strengths: { s: "stated", i: "implied", p: "added by this graph" }, sources: { 1: "answer 1", 2: "answer 2", 3: "answer 3", 4: "answer 4", p: "added by this graph" },
      welcome: "Start here", intro: "Pick a topic to see its terms, pick a term to see what it hangs together with, or just search.", examples: "Two examples", topics: "Topics", terms: n => `${n} terms`,
      also: "Also", definition: "Definition", metric: "How it is measured", measures: "Base measures",
      variants: "Variants", usual: "default", versions: "What the source makes of it", confused: "Easily confused",
      owner: "Owner", status: "Status", reviewed: "Reviewed", effective: "In effect from", instead: "Use instead",
      relations: n => `Relations (${n})`, filed: "Filed under", disputed: "The source disagrees with itself", more: n => `${n} more not drawn, listed below`, deeper: n => `${n} more terms not drawn, marked + on the map`, rest: n => `+ ${n} more`, alone: "No direct relations, or hidden by filters", hidden: n => `${n} relations hidden by filters`, mentioned: n => `Mentioned in ${n} places of the source page`,
      depth: "Hops", core: "Core terms", others: "Other terms", missing: "No such term", back: "Overview", dashed: "dashed = implied", pale: "pale = low confidence", shown: (name, n) => `${name}, ${n} relations`, listed: n => `${n} found`,
    },
  };
  const GLYPH = { dot: "●", square: "■", diamond: "◆", triangle: "▲", hexagon: "⬢", triangleDown: "▼", box: "▪", star: "★" };
  const familyOf = edge => META.predicates[edge.p].family;
  const FAMILIES = [...new Set(EDGES.map(familyOf))];

  const state = { lang: META.start.lang, depth: META.start.depth, view: "map", id: null, off: defaults() };
  function defaults() { return { tier: new Set(["context"]), group: new Set(), family: new Set(), strength: new Set(), source: new Set() }; }
  const t = () => UI[state.lang], li = () => LANGS.indexOf(state.lang), other = () => LANGS[1 - li()];
  const name = (node, lang = state.lang) => node[lang];
  const groupOf = node => META.kinds[node.kind][0];
  const topicOf = id => META.topics.find(topic => topic[0] === id) || [id, id, id, "", ""];
  const topicName = id => topicOf(id)[1 + li()];
  const label = curie => META.predicates[curie].label[li()];
  const familyName = family => own(META.families, family)[li()];
  const dark = () => document.documentElement.dataset.theme === "dark";

  /* --- what passes the filters --- */
  const nodeShown = node => !state.off.tier.has(node.tier) && !state.off.group.has(groupOf(node));
  const mapShown = node => nodeShown(node) && !node.quiet;
  const edgeShown = edge => !state.off.family.has(familyOf(edge))
    && edge.claims.some(([strength, source]) => !state.off.strength.has(strength) && !state.off.source.has(source));
  const relationsOf = node => around.get(node).filter(edge => !edge.again);

  function sentence(edge, from) {
    const inverse = from === edge.b && edge.a !== edge.b;
    return META.predicates[edge.p].phrase[li()][inverse ? 1 : 0];
  }
  /* The word on a branch of the map: the template without its two names. */
  function short(edge, forward) {
    const text = META.predicates[edge.p].phrase[li()][forward ? 0 : 1], [self, far] = forward ? ["{s}", "{o}"] : ["{o}", "{s}"];
    return text.replace(self, "").replace(far, "…").trim().replace(/^…|…$/g, "").trim() || label(edge.p);
  }
  /* The pieces that a name may be broken into: words, or what stands between pause marks. */
  function parts(text) {
    const cut = state.lang === "zh" ? text.split(/(?<=、)|(?=与)|(?=\()/) : text.split(/(?<=[ \-/])/);
    return cut.flatMap(part => {
      const signs = [...part];
      if (state.lang !== "zh" || signs.length < 9) return [part];
      const half = Math.ceil(signs.length / 2);
      return [signs.slice(0, half).join(""), signs.slice(half).join("")];
    });
  }

  const drawing = Drawing({
    box: $("mynetwork"), nodes: NODES, meta: META, onNode: node => show(node.id), onTopic: id => openTopic(id), onRoom: () => refresh({ panel: false }),
    words: { name: node => name(node), topic: topicName, predicate: edge => label(edge.p), short, parts },
  });
  const scenes = Scenes({
    nodes: NODES, edges: EDGES, meta: META, relationsOf, regions: drawing.regions, words: { more: n => t().rest(n) },
    filters: { node: nodeShown, onMap: mapShown, edge: edgeShown, groupOff: node => state.off.group.has(groupOf(node)) },
  });
  const NAVIGATION = scenes.NAVIGATION;

  /* --- building the document --- */
  function el(tag, text, attrs = {}, ...children) {
    const node = document.createElement(tag);
    if (text !== null && text !== undefined) node.textContent = text;
    for (const [key, value] of Object.entries(attrs)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }
  function button(text, action, className = "") {
    const node = el("button", text, { type: "button", ...(className && { class: className }) });
    node.addEventListener("click", action);
    return node;
  }
  const foreign = text => el("span", text, { lang: UI[other()].html });
  const termButton = node => button(name(node), () => show(node.id), "link");

  function sentenceNodes(edge, from) {
    const out = [];
    for (const part of sentence(edge, from).split(/(\{s\}|\{o\})/)) {
      if (part === "{s}" || part === "{o}") {
        const node = part === "{s}" ? edge.a : edge.b;
        out.push(node === from ? el("b", name(node)) : termButton(node));
      } else if (part) out.push(document.createTextNode(` ${part.trim()} `));
    }
    return out;
  }
  const proof = edge => META.evidence[edge.e][li()];

  function said(node, list) {
    const out = el("ul", null, { class: "said" });
    for (const edge of list) {
      const item = el("li", null, {}, ...sentenceNodes(edge, node), el("span", proof(edge), { class: "proof" }));
      const reason = edge.r === undefined ? "" : TEXTS.reasons[edge.r][li()];
      if (reason) item.append(el("span", reason, { class: "reason" }));
      out.append(item);
    }
    return out;
  }
  function conceptPanel(node, scene) {
    const box = [];
    box.push(el("h2", name(node)), el("p", null, { class: "mut" }, foreign(name(node, other()))));
    const tags = el("div", null, { class: "tags" });
    tags.append(button(topicName(node.topic), () => openTopic(node.topic), "tag"), el("span", META.kinds[node.kind][1 + li()], { class: "tag" }), el("span", META.tiers[node.tier][li()], { class: "tag" }));
    box.push(tags);
    if (node.alt) {
      const also = el("p", `${t().also}: `, { class: "small mut" }), comma = state.lang === "zh" ? "、" : ", ";
      for (const lang of [state.lang, other()]) for (const alias of node.alt[lang]) {
        if (lang !== state.lang && node.alt[state.lang].includes(alias)) continue;
        if (also.childNodes.length > 1) also.append(comma);
        also.append(el("span", alias, { lang: UI[lang].html }));
      }
      box.push(also);
    }
    if (node.def) {
      const text = node.def[state.lang] || node.def[other()];
      box.push(el("p", text, { class: "lead", lang: node.def[state.lang] ? t().html : UI[other()].html }));
    }
    if (node.note) {
      const text = node.note[state.lang] || node.note[other()];
      box.push(el("p", text, { class: "note", lang: node.note[state.lang] ? t().html : UI[other()].html }));
    }
    if (node.versions) box.push(...versionBlock(node.versions));
    if (node.metric) box.push(...metricBlock(node.metric));
    for (const at of node.sets || []) box.push(...lookalikeBlock(TEXTS.lookalikes[at], node));
    const all = relationsOf(node).filter(edge => edge.p !== NAVIGATION), seen = all.filter(edge => edgeShown(edge));
    box.push(el("h3", t().relations(seen.length)));
    if (scene.rest) box.push(el("p", state.depth === 1 ? t().more(scene.rest) : t().deeper(scene.rest), { class: "small mut" }));
    if (!seen.length) box.push(el("p", t().alone, { class: "mut" }));
    const groups = new Map();
    for (const edge of seen.sort(relationOrder(node))) groups.set(familyOf(edge), [...(groups.get(familyOf(edge)) || []), edge]);
    for (const [family, list] of [...groups].sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1))) {
      if (groups.size > 1 && seen.length > 6) box.push(el("h4", `${familyName(family)} · ${list.length}`));
      box.push(said(node, list));
    }
    if (all.length > seen.length) box.push(el("p", t().hidden(all.length - seen.length), { class: "small mut" }));
    const filed = relationsOf(node).filter(edge => edge.p === NAVIGATION);
    if (filed.length) {
      box.push(el("h3", t().filed), said(node, filed));
    }
    if (node.keeper) box.push(keeperBlock(node.keeper));
    if (node.places) box.push(el("p", t().mentioned(node.places.length), { class: "small mut" }));
    return box;
  }
  const termOr = id => (byId.has(id) ? termButton(byId.get(id)) : document.createTextNode(id));
  /* Parts with a pause mark between them. */
  function listed(parts) {
    return parts.flatMap((part, i) => (i ? [document.createTextNode(state.lang === "zh" ? "、" : ", "), part] : [part]));
  }
  function versionBlock(versions) {
    const list = el("dl", null, { class: "versions" });
    for (const version of versions) list.append(el("dt", version[li()]), el("dd", version[2 + li()]));
    return [el("h3", t().versions), list];
  }
  function lookalikeBlock(group, node) {
    const list = el("ul", null, { class: "said" });
    for (const [id, answer, distinction] of group.members) {
      const item = el("li", `${answer[li()]} → `);
      item.append(id === node.id ? el("b", name(node)) : termOr(id), el("span", distinction[li()], { class: "reason" }));
      list.append(item);
    }
    return [el("h3", t().confused), el("p", group.question[li()], { class: "question" }), list];
  }
  function keeperBlock(keeper) {
    const line = el("p", null, { class: "small mut" }), put = (key, value) => line.append(line.childNodes.length ? " · " : "", key ? `${t()[key]}: ` : "", value);
    if (keeper.owner) put("owner", termOr(keeper.owner));
    if (keeper.status) put("", keeper.status[li()]);
    for (const key of ["reviewed", "effective"]) if (keeper[key]) put(key, keeper[key]);
    if (keeper.instead) put("instead", termOr(keeper.instead));
    return line;
  }
  const relationOrder = node => (a, b) => (b.a === node) - (a.a === node) || b.s.includes("s") - a.s.includes("s") || (a.id < b.id ? -1 : 1);
  /* A field or a measure: its name, and its id behind it. */
  function named(id, table) {
    const known = own(table, id), label = known ? (Array.isArray(known[0]) ? known[0] : known)[li()] : id;
    return el("span", label === id ? null : `${label} `, {}, el("code", id));
  }
  function metricBlock(metric) {
    const list = el("dl"), row = (title, ...value) => list.append(el("dt", title), el("dd", null, {}, ...value));
    const card = key => META.card[key][li()];
    for (const [key, ...words] of metric.facts) if (words[li()]) row(card(key), words[li()]);
    if (metric.metrics.length) row(card("inputs"), ...listed(metric.metrics.filter(id => byId.has(id)).map(id => termButton(byId.get(id)))));
    if (metric.measures.length) row(t().measures, ...metric.measures.map(id => {
      const about = (own(TEXTS.measures, id) || [[], []])[1][li()];
      return el("div", null, {}, named(id, TEXTS.measures), el("span", about, { class: "reason" }));
    }));
    if (metric.fields.length) row(card("fields"), ...listed(metric.fields.map(id => named(id, TEXTS.fields))));
    const box = [el("h3", t().metric), el("p", metric.words[li()], { class: "formula" })];
    if (metric.words[li()] !== metric.formula) box.push(el("p", metric.formula, { class: "formula small" }));
    box.push(list);
    if (metric.variants.length) box.push(el("h3", t().variants), variantList(metric.variants));
    return box;
  }
  function variantList(variants) {
    const list = el("ul", null, { class: "said" });
    for (const variant of variants) {
      const item = el("li", null, {}, el("b", variant.name[li()]));
      if (variant.default) item.append(" ", el("span", t().usual, { class: "tag" }));
      item.append(el("span", variant.words[li()], { class: "formula small" }), el("span", variant.about[li()], { class: "reason" }));
      list.append(item);
    }
    return list;
  }
  function mapPanel() {
    const box = [el("h2", t().welcome), el("p", t().intro, { class: "mut" }), el("h3", t().examples)];
    for (const edge of META.examples.map(i => EDGES[i])) {
      const words = sentence(edge, edge.a).split(/(\{s\}|\{o\})/).map(part => (part === "{s}" ? name(edge.a) : part === "{o}" ? name(edge.b) : part.trim())).filter(Boolean).join(" ");
      const item = button(null, () => show(edge.a.id), "example");
      item.append(el("b", words), el("span", proof(edge), { class: "proof" }));
      box.push(item);
    }
    const grid = el("div", null, { class: "grid" });
    for (const [id] of META.topics) {
      const item = button(null, () => openTopic(id));
      item.append(topicName(id), el("span", t().terms(NODES.filter(node => node.topic === id && mapShown(node)).length), { class: "proof" }));
      grid.append(item);
    }
    const list = NODES.filter(node => node.tier === "core" && mapShown(node)).sort((a, b) => name(a).localeCompare(name(b), t().html));
    const twin = el("details", null, { class: "twin" }), tags = el("div", null, { class: "tags" });
    for (const node of list) tags.append(button(name(node), () => show(node.id), "tag"));
    twin.append(el("summary", `${t().core} · ${list.length}`), tags);
    box.push(el("h3", t().topics), grid, twin);
    return box;
  }
  function topicPanel(id) {
    const topic = topicOf(id), box = [el("h2", topic[1 + li()]), el("p", null, { class: "mut" }, foreign(topic[2 - li()])), el("p", topic[3 + li()])];
    const nodes = NODES.filter(node => node.topic === id && mapShown(node)).sort((a, b) => name(a).localeCompare(name(b), t().html));
    for (const [title, list] of [[t().core, nodes.filter(n => n.tier === "core")], [t().others, nodes.filter(n => n.tier !== "core")]]) {
      if (!list.length) continue;
      const tags = el("div", null, { class: "tags" });
      for (const node of list) tags.append(button(name(node), () => show(node.id), "tag"));
      box.push(el("h3", `${title} · ${list.length}`), tags);
    }
    return box;
  }

  /* --- filters: the legend is the filter --- */
  function navPanel() {
    const box = $("nav"), opened = new Set([...box.querySelectorAll("details[open]")].map(d => d.dataset.part));
    const first = !box.childElementCount;
    const part = (key, title, rows, open) => {
      const details = el("details", null, { "data-part": key });
      if (first ? open : opened.has(key)) details.open = true;
      details.append(el("summary", title), ...rows);
      return details;
    };
    const check = (kind, key, text, count, glyph) => {
      const input = el("input", null, { type: "checkbox" }), row = el("label", null, { class: "row" });
      input.checked = !state.off[kind].has(key);
      input.addEventListener("change", () => { if (input.checked) state.off[kind].delete(key); else state.off[kind].add(key); refresh(); keyPanel(); });
      row.append(input);
      if (glyph) row.append(glyph);
      row.append(el("span", text));
      if (count !== undefined) row.append(el("span", String(count), { class: "n" }));
      return row;
    };
    const tiers = META.tierOrder.map(key => check("tier", key, META.tiers[key][li()], NODES.filter(n => n.tier === key).length));
    const groups = META.groupOrder.map(key => {
      const row = META.groups[key];
      const glyph = el("span", GLYPH[row[2]], { class: "glyph", "aria-hidden": "true" });
      glyph.style.color = row[dark() ? 4 : 3];
      return check("group", key, row[li()], NODES.filter(n => groupOf(n) === key).length, glyph);
    });
    const counts = new Map(FAMILIES.map(family => [family, EDGES.filter(e => META.predicates[e.p].family === family).length]));
    const families = [...FAMILIES].filter(family => family !== NAVIGATION).sort((a, b) => counts.get(b) - counts.get(a) || (a < b ? -1 : 1)).map(family => check("family", family, familyName(family), counts.get(family)));
    const strengths = ["s", "i", "p"].map(key => check("strength", key, key === "i" ? `${t().strengths.i} ┄` : t().strengths[key], EDGES.filter(e => e.s.includes(key)).length));
    const sources = ["1", "2", "3", "4", "p"].map(key => check("source", key, t().sources[key], EDGES.filter(e => e.o.includes(key)).length));
    const reset = button(t().reset, () => { state.off = defaults(); refresh(); navPanel(); });
    keyPanel();
    box.replaceChildren(part("group", t().groups, groups, true), part("tier", t().tier, tiers, true), part("strength", t().strength, strengths, true), part("source", t().source, sources, false), part("family", t().families, families, false), reset);
  }

  /* --- showing --- */
  function crumb() {
    const box = $("crumb"), parts = [];
    if (state.view !== "map") parts.push(button(t().back, () => openMap()));
    if (state.view === "concept") {
      const node = byId.get(state.id);
      parts.push(button(topicName(node.topic), () => openTopic(node.topic)));
      const depth = el("select", null, { "aria-label": t().depth });
      for (const n of [1, 2, 3]) { const option = el("option", `${t().depth} ${n}`, { value: n }); option.selected = n === state.depth; depth.append(option); }
      depth.addEventListener("change", () => { state.depth = Number(depth.value); push(); refresh(); $("crumb").querySelector("select").focus(); });
      parts.push(depth);
    }
    box.replaceChildren(...parts);
  }
  function refresh({ fit = true, panel = true } = {}) {
    const node = state.view === "concept" ? byId.get(state.id) : null;
    const room = drawing.room(), scene = node ? scenes.concept(node, state.depth, room)
      : state.view === "topic" ? scenes.topic(state.id, room) : scenes.map(META.examples.map(i => EDGES[i]));
    drawing.draw({ ...scene, fit });
    if (!panel) return;
    // What had the focus is about to go: the panel takes it, so that the next Tab goes on from there.
    const held = ["crumb", "details"].some(id => $(id).contains(document.activeElement));
    crumb();
    $("details").replaceChildren(...(node ? conceptPanel(node, scene) : state.view === "topic" ? topicPanel(state.id) : mapPanel()));
    $("details").scrollTop = 0;
    if (held) $("details").focus({ preventScroll: true });
    document.title = node ? `${name(node)} · ${t().title}` : t().title;
  }
  function hash() {
    const parts = [];
    if (state.view === "concept") parts.push(`concept=${encodeURIComponent(state.id)}`, `depth=${state.depth}`);
    if (state.view === "topic") parts.push(`topic=${encodeURIComponent(state.id)}`);
    if (state.lang !== META.start.lang || parts.length) parts.push(`lang=${state.lang}`);
    return "#" + parts.join("&");
  }
  const push = () => history.pushState(null, "", hash());
  function show(id, record = true) {
    const node = byId.get(id);
    if (!node) { say(t().missing); return false; }
    Object.assign(state, { view: "concept", id });
    if (record) push();
    refresh();
    say(t().shown(name(node), relationsOf(node).length));
    if (record && matchMedia("(max-width: 800px)").matches) $("main").scrollIntoView({ block: "start" });
    return true;
  }
  function openTopic(id, record = true) {
    if (!META.topics.some(topic => topic[0] === id)) { say(t().missing); return false; }
    Object.assign(state, { view: "topic", id });
    if (record) push();
    refresh();
    say(topicName(id));
    return true;
  }
  function openMap(record = true) {
    Object.assign(state, { view: "map", id: null });
    if (record) push();
    refresh();
  }
  const say = text => { $("live").textContent = text; };
  function fromHash() {
    const asked = new Map(location.hash.slice(1).split("&").map(part => { const i = part.indexOf("="); return [part.slice(0, i), part.slice(i + 1)]; }));
    const read = key => { try { return decodeURIComponent(asked.get(key) || ""); } catch { return "\ufffd"; } };
    const lang = read("lang"), depth = Number(read("depth"));
    if (LANGS.includes(lang) && lang !== state.lang) { state.lang = lang; texts(); }
    state.depth = [1, 2, 3].includes(depth) ? depth : META.start.depth;
    if (asked.has("concept") && show(read("concept"), false)) return;
    if (asked.has("topic") && openTopic(read("topic"), false)) return;
    if (!asked.has("concept") && !asked.has("topic") && META.start.focus && !location.hash && show(META.start.focus, false)) return;
    openMap(false);
    if (asked.has("concept") || asked.has("topic")) { say(t().missing); $("details").prepend(el("p", t().missing, { class: "note" })); }
  }

  /* --- the search box: an ARIA 1.2 combobox --- */
  let options = [], active = -1;
  function openResults(list, typed) {
    options = list;
    active = list.length ? 0 : -1;
    const box = $("results");
    box.replaceChildren(...list.map((node, i) => {
      const item = el("li", null, { role: "option", id: `option-${i}`, "aria-selected": String(i === 0) });
      const glyph = el("span", GLYPH[META.groups[groupOf(node)][2]], { class: "glyph", "aria-hidden": "true" });
      glyph.style.color = META.groups[groupOf(node)][dark() ? 4 : 3];
      item.append(glyph, el("span", name(node)), el("span", name(node, other()), { class: "mut small", lang: UI[other()].html }));
      item.addEventListener("mousedown", event => { event.preventDefault(); choose(i); });
      return item;
    }));
    if (typed && !list.length) box.append(el("li", t().none, { class: "none", role: "option", "aria-disabled": "true", "aria-selected": "false" }));
    box.hidden = !typed;
    $("q").setAttribute("aria-expanded", String(typed));
    if (active >= 0) $("q").setAttribute("aria-activedescendant", "option-0"); else $("q").removeAttribute("aria-activedescendant");
    if (typed) say(list.length ? t().listed(list.length) : t().none);
  }
  function choose(i) {
    const node = options[i];
    if (!node) return;
    $("q").value = "";
    openResults([], false);
    show(node.id);
    $("details").focus({ preventScroll: true });
  }
  function move(step) {
    if (!options.length) return;
    active = (active + step + options.length) % options.length;
    [...$("results").children].forEach((item, i) => item.setAttribute("aria-selected", String(i === active)));
    $("q").setAttribute("aria-activedescendant", `option-${active}`);
    $(`option-${active}`).scrollIntoView({ block: "nearest" });
  }
  $("q").addEventListener("input", event => openResults(find(event.target.value, 12), !!event.target.value.trim()));
  $("q").addEventListener("keydown", event => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); move(event.key === "ArrowDown" ? 1 : -1); }
    else if (event.key === "Enter") { event.preventDefault(); choose(active); }
    else if (event.key === "Escape") { $("q").value = ""; openResults([], false); }
  });
  $("q").addEventListener("blur", () => openResults([], false));
  document.addEventListener("keydown", event => {
    const typing = event.target instanceof Element && event.target.matches("input, select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) { event.preventDefault(); $("q").focus(); }
    else if (event.key === "Escape" && !typing && state.view !== "map") openMap();
  });

  /* The key of the map: each sign shows or hides its class. */
  function keyPanel() {
    const signs = META.groupOrder.map(key => {
      const row = META.groups[key], off = state.off.group.has(key);
      const glyph = el("span", GLYPH[row[2]], { "aria-hidden": "true" }), item = button(null, () => {
        if (off) state.off.group.delete(key); else state.off.group.add(key);
        refresh();
        navPanel();
        $("key").querySelector(`[data-group="${key}"]`).focus();
      }, "sign");
      glyph.style.color = row[dark() ? 4 : 3];
      item.dataset.group = key;
      item.setAttribute("aria-pressed", String(!off));
      item.append(glyph, row[li()]);
      return item;
    });
    $("key").replaceChildren(...signs, el("span", t().dashed), el("span", t().pale));
  }

  /* --- words and buttons --- */
  function texts() {
    document.documentElement.lang = t().html;
    const set = { title: t().title, tagline: t().tagline(NODES.length, EDGES.length), "q-label": t().q, home: t().home, filters: t().filters, theme: dark() ? t().light : t().dark, lang: t().other, skip: t().skip };
    for (const [id, text] of Object.entries(set)) $(id).textContent = text;
    $("lang").lang = UI[other()].html;
    $("q").placeholder = t().q;
    for (const [id, text] of [["results", t().results], ["nav", t().nav], ["mynetwork", t().map], ["details", t().details], ["key", t().groups], ["zoom-in", t().zoomIn], ["zoom-out", t().zoomOut], ["zoom-fit", t().fit]]) $(id).setAttribute("aria-label", text);
    keyPanel();
    navPanel();
  }
  function setNav(open) {
    $("nav").hidden = !open;
    $("key").hidden = open;
    $("filters").setAttribute("aria-expanded", String(open));
  }
  function setTheme(to) {
    document.documentElement.dataset.theme = to;
    $("theme").setAttribute("aria-pressed", String(to === "dark"));
    texts();
  }
  $("skip").addEventListener("click", event => { event.preventDefault(); $("details").focus(); });
  $("home").addEventListener("click", () => openMap());
  $("filters").addEventListener("click", () => setNav($("nav").hidden));
  $("theme").addEventListener("click", () => { setTheme(dark() ? "light" : "dark"); refresh({ fit: false }); });
  $("lang").addEventListener("click", () => { state.lang = other(); texts(); push(); refresh({ fit: false }); });
  $("zoom-in").addEventListener("click", () => drawing.zoom(1.3));
  $("zoom-out").addEventListener("click", () => drawing.zoom(1 / 1.3));
  $("zoom-fit").addEventListener("click", () => drawing.fit());
  addEventListener("popstate", fromHash);
  addEventListener("hashchange", fromHash);
  setNav(matchMedia("(min-width: 1440px)").matches);
  setTheme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  drawing.network.once("afterDrawing", () => { document.documentElement.dataset.ready = "1"; });
  fromHash();
  window.kg = { find, groupOf, show, openTopic, openMap, drawing, state };
})();
