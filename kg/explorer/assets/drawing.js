"use strict";
/* Drawing: vis-network holds the few marks in focus; the map under them and all labels are painted here. */
const Drawing = ({ box, nodes, meta, words, onNode, onTopic, onRoom }) => {
  const FONT = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';
  const TITLE_ROOM = 130, PICKABLE = 0.25, NARROW = 560;
  // A tall window shows the map turned: what lay side by side lies one below the other.
  if (innerHeight > innerWidth) for (const node of nodes) [node.x, node.y] = [node.y, node.x];
  const network = new vis.Network(box, { nodes: new vis.DataSet(), edges: new vis.DataSet() }, {
    physics: { enabled: false }, layout: { improvedLayout: false },
    nodes: { chosen: false, labelHighlightBold: false },
    edges: { chosen: false, arrows: { to: { enabled: true, scaleFactor: 0.55 } } },
    interaction: { hover: false, keyboard: false, tooltipDelay: 1e9, selectConnectedEdges: false, hideEdgesOnDrag: false, dragNodes: false },
  });
  let scene = { level: "map", marks: [], links: [], shown: new Set(), focus: new Set() };
  let theme = {}, painted = [];

  const regions = meta.topics.map(([id]) => {
    const members = nodes.filter(node => node.topic === id);
    const x = members.reduce((sum, node) => sum + node.x, 0) / Math.max(1, members.length);
    const y = members.reduce((sum, node) => sum + node.y, 0) / Math.max(1, members.length);
    const radius = Math.max(120, ...members.map(node => Math.hypot(node.x - x, node.y - y))) + 70;
    return { id, x, y, radius, members };
  }).filter(region => region.members.length);

  function readTheme() {
    const style = getComputedStyle(document.documentElement);
    const read = name => style.getPropertyValue(name).trim();
    theme = { ground: read("--map"), text: read("--fg"), muted: read("--mut"), line: read("--edge"), accent: read("--acc"),
      disc: read("--disc"), rim: read("--rim"), dark: document.documentElement.dataset.theme === "dark" };
  }
  const group = node => meta.groups[meta.kinds[node.kind][0]];
  const colour = node => group(node)[theme.dark ? 4 : 3];
  const shape = node => (group(node)[2] === "box" ? "square" : group(node)[2]);
  const at = (x, y) => network.canvasToDOM({ x, y });

  /* --- under the marks: the map --- */
  function paintMap(ctx) {
    if (scene.level === "concept") return;
    for (const region of regions) {
      if (scene.level === "topic" && region.id !== scene.topic) continue;
      ctx.beginPath();
      ctx.ellipse(region.x, region.y, region.radius * (scene.stretch || 1), region.radius, 0, 0, 6.2832);
      ctx.fillStyle = theme.disc;
      ctx.fill();
      ctx.strokeStyle = theme.rim;
      ctx.lineWidth = 1.5 / network.getScale();
      ctx.stroke();
      if (scene.level === "map") paintDots(ctx, region.members);
    }
  }
  function paintDots(ctx, members) {
    const scale = network.getScale();
    for (const node of members) {
      if (!scene.shown.has(node) || scene.focus.has(node.id)) continue;
      const core = node.tier === "core";
      ctx.globalAlpha = (core ? 0.85 : 0.4) * (box.clientWidth < NARROW ? 0.55 : 1);
      ctx.fillStyle = colour(node);
      ctx.beginPath();
      ctx.arc(node.x, node.y, Math.max((core ? 2.4 : 1.5) / scale, core ? 15 : 9), 0, 6.2832);
      ctx.fill();
    }
    ctx.globalAlpha = 1;
  }

  /* --- over the marks: labels in screen pixels, the important first, none over another --- */
  const width = (ctx, text) => ctx.measureText(text).width;
  function cut(ctx, text, limit) {
    if (width(ctx, text) <= limit) return text;
    const signs = [...text];
    while (signs.length > 1 && width(ctx, signs.join("").trimEnd() + "…") > limit) signs.pop();
    return signs.join("").trimEnd() + "…";
  }
  /* Lines of at most `limit` pixels, broken between words or after a pause mark; the last is cut. */
  function wrap(ctx, text, limit, most) {
    const lines = [];
    for (const part of words.parts(text)) {
      const last = lines.length ? lines[lines.length - 1] : null;
      if (last !== null && width(ctx, (last + part).trim()) <= limit) lines[lines.length - 1] = last + part;
      else lines.push(part);
    }
    const kept = lines.length > most ? [...lines.slice(0, most - 1), lines.slice(most - 1).join("")] : lines;
    return kept.map(line => cut(ctx, line.trim(), limit));
  }
  function painter(ctx) {
    const placed = [], over = (r, q) => r.x < q.x + q.w && q.x < r.x + r.w && r.y < q.y + q.h && q.y < r.y + r.h;
    const inside = r => r.x >= 2 && r.y >= 2 && r.x + r.w <= box.clientWidth - 2 && r.y + r.h <= box.clientHeight - 2;
    function block(lines, x, y, { align = "center", px = 13, bold = false, tone = theme.text, force = false, avoid = [], owner = null } = {}) {
      ctx.font = `${bold ? 600 : 400} ${px}px ${FONT}`;
      const step = px * 1.35, parts = lines.map(line => (Array.isArray(line) ? line : [[line, tone]]));
      const sizes = parts.map(line => line.reduce((sum, [text]) => sum + width(ctx, text), 0)), widest = Math.max(...sizes);
      const left = align === "center" ? x - widest / 2 : align === "right" ? x - widest : x;
      const r = { x: left - 2, y: y - step / 2, w: widest + 4, h: step * lines.length, px, owner, text: parts.map(line => line.map(([text]) => text).join("")).join("") };
      const clear = inside(r) && !placed.some(q => over(r, q)) && !avoid.some(q => over(r, q));
      if (!clear && !force) return false;
      placed.push(r);
      Object.assign(ctx, { textAlign: "left", textBaseline: "middle", lineJoin: "round", lineWidth: 4, strokeStyle: theme.ground });
      parts.forEach((line, i) => {
        let from = align === "center" ? x - sizes[i] / 2 : align === "right" ? x - sizes[i] : x;
        for (const [text, ink] of line) {
          ctx.strokeText(text, from, y + i * step);
          ctx.fillStyle = ink;
          ctx.fillText(text, from, y + i * step);
          from += width(ctx, text);
        }
      });
      return true;
    }
    return { block, placed };
  }

  /* The name of a mark: below it, else above, right, left; clear of other marks where that can be had. */
  function nameMark(ctx, block, mark, avoid, { px, bold = false, tone = theme.text, limit = 120 }) {
    const scale = network.getScale(), p = at(mark.x, mark.y), gap = mark.size * scale + 3, step = px * 1.35;
    ctx.font = `${bold ? 600 : 400} ${px}px ${FONT}`;
    const lines = wrap(ctx, words.name(mark.node), limit, 2), high = step * lines.length, owner = { node: mark.node };
    const spots = [["center", 0, gap + step / 2], ["center", 0, -gap - high + step / 2], ["left", gap + 3, (step - high) / 2], ["right", -gap - 3, (step - high) / 2]];
    const own = avoid.filter(q => q.key !== mark.key);
    for (const rest of [own, []]) {
      for (const [align, dx, dy] of spots) if (block(lines, p.x + dx, p.y + dy, { align, px, bold, tone, owner, avoid: rest })) return true;
    }
    return false;
  }
  function obstacles() {
    const scale = network.getScale();
    return scene.marks.map(mark => {
      const p = at(mark.x, mark.y), r = mark.size * scale;
      return { key: mark.key, x: p.x - r, y: p.y - r, w: 2 * r, h: 2 * r };
    });
  }
  /* The name of a topic: over its disc, on a small screen inside it; in a narrower column where that is taken. */
  function titleRegion(ctx, block, region, phone) {
    const scale = network.getScale(), p = at(region.x, region.y), r = region.radius * scale, px = phone ? 11.5 : 13, step = px * 1.35;
    for (const limit of [(phone ? 960 : 1130) * scale - 4, 1.6 * r, 64].map(w => Math.max(w, 64))) {
      ctx.font = `600 ${px}px ${FONT}`;
      const lines = wrap(ctx, words.topic(region.id), limit, 3), half = Math.max(...lines.map(line => width(ctx, line))) / 2 + 5;
      const high = step * lines.length, middle = (step - high) / 2, over = step / 2 - r - high - 3, under = r + step / 2 + 2;
      const x = Math.min(Math.max(p.x, half), Math.max(half, box.clientWidth - half));
      const spots = phone ? [middle, middle - r / 2, middle + r / 2, under, over] : [over, over + step, -r * 0.72, middle, r * 0.35, under];
      if (spots.some(dy => block(lines, x, p.y + dy, { px, bold: true, owner: { topic: region.id } }))) return;
    }
  }
  function labelMap(ctx, block) {
    const avoid = obstacles(), scale = network.getScale(), phone = box.clientWidth < NARROW;
    for (const mark of scene.marks.filter(m => m.strong)) nameMark(ctx, block, mark, avoid, { px: phone ? 11.5 : 13, bold: true, limit: 150 });
    for (const link of scene.links) {
      const p = at((link.a.x + link.b.x) / 2, (link.a.y + link.b.y) / 2);
      [-14, 14, -30, 30, 0].some(up => block([words.predicate(link.edge)], p.x, p.y + up, { px: 12, tone: theme.accent, owner: { node: link.edge.a } }));
    }
    for (const region of regions) titleRegion(ctx, block, region, phone);
    if (phone && scale < 0.12) return;
    for (const mark of scene.marks) if (!mark.strong) nameMark(ctx, block, mark, avoid, { px: 12, limit: Math.max(70, 950 * scale) });
  }
  function labelTopic(ctx, block) {
    const avoid = obstacles();
    for (const mark of scene.marks) nameMark(ctx, block, mark, avoid, { px: mark.bold ? 13 : 12, bold: mark.bold, tone: mark.bold ? theme.text : theme.muted });
  }
  function labelConcept(ctx, block) {
    for (const mark of scene.marks) {
      const { align, dx = 0, dy = 0, px = 13, bold = false, limit, lines = 1, verb, more } = mark.name, p = at(mark.x, mark.y);
      const ink = mark.faint ? theme.muted : theme.text, owner = { node: mark.node };
      ctx.font = `${bold ? 600 : 400} ${px}px ${FONT}`;
      if (mark.strong) {
        block(wrap(ctx, words.name(mark.node), limit, Math.max(2, lines)), p.x, p.y + dy, { align, px, bold, force: true, owner });
        continue;
      }
      const parts = verb === undefined ? [] : [[cut(ctx, words.short(mark.edge, verb), limit * 0.5) + "  ", theme.accent]];
      const tail = more ? `  +${more}` : "", used = parts.reduce((sum, [text]) => sum + width(ctx, text), 0) + width(ctx, tail);
      parts.push([cut(ctx, words.name(mark.node), Math.max(40, limit - used)), ink]);
      if (tail) parts.push([tail, theme.muted]);
      block([parts], p.x + dx, p.y + dy, { align, px, owner });
    }
    for (const verb of scene.verbs) {
      const p = at(verb.x, verb.y);
      const side = verb.align === "right" ? 1 : -1, span = verb.span * network.getScale();
      if (span) {
        ctx.beginPath();
        ctx.moveTo(p.x + side * 8, p.y - span - 5);
        ctx.lineTo(p.x + side * 4, p.y - span - 5);
        ctx.lineTo(p.x + side * 4, p.y + span + 5);
        ctx.lineTo(p.x + side * 8, p.y + span + 5);
        Object.assign(ctx, { strokeStyle: theme.accent, lineWidth: 1.2 });
        ctx.stroke();
      }
      ctx.font = `400 12px ${FONT}`;
      const word = [cut(ctx, words.short(verb.edge, verb.forward), verb.limit)];
      [0, -0.5, 0.5, -1, 1].some(way => block(word, p.x, p.y + way * (span || 22), { align: verb.align, px: 12, tone: theme.accent }));
    }
    for (const note of scene.notes) {
      const p = at(note.x, note.y);
      block([note.text], p.x, p.y, { align: note.align, px: 12, tone: theme.muted });
    }
  }
  function paintLabels(ctx) {
    const { block, placed } = painter(ctx), ratio = window.devicePixelRatio || 1;
    ctx.save();
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ({ map: labelMap, topic: labelTopic, concept: labelConcept })[scene.level](ctx, block);
    ctx.restore();
    painted = placed;
  }

  function draw(next) {
    readTheme();
    scene = { ...next, focus: new Set(next.marks.map(mark => mark.node.id)) };
    const map = scene.level === "map", curve = scene.level === "concept"
      ? { enabled: true, type: "cubicBezier", forceDirection: "horizontal", roundness: scene.verbs.length ? 0.55 : 0.75 } : { enabled: true, type: "curvedCW", roundness: 0.12 };
    network.setData({
      nodes: new vis.DataSet(scene.marks.map(mark => ({
        id: mark.key, x: mark.x, y: mark.y, shape: shape(mark.node), size: mark.size, borderWidth: mark.strong ? 3 : 1,
        color: { background: colour(mark.node), border: mark.strong ? theme.accent : colour(mark.node) } }))),
      edges: new vis.DataSet(scene.links.map((link, i) => ({
        id: i, from: link.a.key, to: link.b.key, dashes: link.dashed ? (map ? [70, 50] : [6, 5]) : false, width: map ? 17 : 1.3,
        arrows: { to: { enabled: true, scaleFactor: map ? 0.35 : 0.55 } }, smooth: curve,
        color: { color: link.strong ? theme.accent : theme.line, opacity: link.faint ? 0.5 : 0.95 } }))),
    });
    if (next.fit) fit();
    else network.redraw();
  }

  /* A neighbourhood is set out in pixels for this very window; map and topic are scaled into it. */
  function fit() {
    if (scene.level === "concept") return network.moveTo({ position: { x: 0, y: 0 }, scale: 1, animation: false });
    const list = scene.level === "map" ? regions : regions.filter(r => r.id === scene.topic);
    if (!list.length) return undefined;
    const room = scene.level === "map" && box.clientWidth >= NARROW ? TITLE_ROOM : 0, stretch = scene.stretch || 1;
    const x0 = Math.min(...list.map(r => r.x - r.radius * stretch)), x1 = Math.max(...list.map(r => r.x + r.radius * stretch));
    const y0 = Math.min(...list.map(r => r.y - r.radius - room)), y1 = Math.max(...list.map(r => r.y + r.radius));
    const top = scene.level === "map" ? 12 : 50, foot = 12;
    const scale = Math.min(1.4, (box.clientWidth - 32) / (x1 - x0), (box.clientHeight - top - foot) / (y1 - y0));
    return network.moveTo({ position: { x: (x0 + x1) / 2, y: (y0 + y1) / 2 + (foot - top) / 2 / scale }, scale, animation: false });
  }

  /* --- what lies under the pointer: a mark, a label, a dot of the map, a topic --- */
  function under(dom) {
    const key = network.getNodeAt(dom), mark = key === undefined ? null : scene.marks.find(m => m.key === key);
    if (mark) return { node: mark.node };
    const label = painted.find(r => r.owner && dom.x >= r.x && dom.x <= r.x + r.w && dom.y >= r.y && dom.y <= r.y + r.h);
    if (label) return label.owner;
    if (scene.level !== "map") return null;
    const p = network.DOMtoCanvas(dom), scale = network.getScale();
    let best = null, least = 10 / scale;
    if (scale >= PICKABLE) for (const node of scene.shown) {
      const far = Math.hypot(node.x - p.x, node.y - p.y);
      if (far < least) { least = far; best = node; }
    }
    if (best) return { node: best };
    const region = regions.find(r => Math.hypot(p.x - r.x, p.y - r.y) < r.radius);
    return region ? { topic: region.id } : null;
  }
  function zoom(factor) {
    network.moveTo({ scale: Math.min(4, Math.max(0.03, network.getScale() * factor)), position: network.getViewPosition(), animation: false });
  }

  network.on("beforeDrawing", paintMap);
  network.on("afterDrawing", paintLabels);
  network.on("click", event => {
    const found = under(event.pointer.DOM);
    if (found && found.node) onNode(found.node);
    else if (found) onTopic(found.topic);
  });
  box.addEventListener("mousemove", event => {
    if (event.buttons) return;
    const frame = box.getBoundingClientRect();
    box.style.cursor = under({ x: event.clientX - frame.x, y: event.clientY - frame.y }) ? "pointer" : "";
  });
  new ResizeObserver(() => onRoom()).observe(box);

  return {
    draw, fit, zoom, network, regions, labels: () => painted, marks: () => scene.marks, links: () => scene.links, shown: () => scene.shown,
    room: () => ({ width: box.clientWidth, height: box.clientHeight }),
  };
};
