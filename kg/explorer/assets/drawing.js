"use strict";
/* Drawing: vis-network holds the few marks in focus; the map under them and all labels are painted here. */
const Drawing = ({ box, key, nodes, meta, words, onNode, onTopic }) => {
  const ROW = 30, REACH = 190, STEP = 330, MAP_MARK = 8;
  const FONT = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';
  const network = new vis.Network(box, { nodes: new vis.DataSet(), edges: new vis.DataSet() }, {
    physics: { enabled: false }, layout: { improvedLayout: false },
    nodes: { chosen: false, labelHighlightBold: false }, edges: { chosen: false, arrows: { to: { enabled: true, scaleFactor: 0.55 } } },
    interaction: { hover: false, keyboard: false, tooltipDelay: 1e9, selectConnectedEdges: false, hideEdgesOnDrag: false, dragNodes: false },
  });
  let scene = { level: "map", marks: [], links: [], shown: new Set() };
  let theme = {}, painted = [];

  const regions = meta.topics.map(([id]) => {
    const members = nodes.filter(node => node.topic === id);
    const x = members.reduce((sum, node) => sum + node.x, 0) / Math.max(1, members.length);
    const y = members.reduce((sum, node) => sum + node.y, 0) / Math.max(1, members.length);
    const radius = Math.max(120, ...members.map(node => Math.hypot(node.x - x, node.y - y))) + 70;
    return { id, x, y, radius, members };
  });

  function readTheme() {
    const style = getComputedStyle(document.documentElement);
    const read = name => style.getPropertyValue(name).trim();
    const dark = document.documentElement.dataset.theme === "dark";
    theme = { ground: read("--map"), text: read("--fg"), muted: read("--mut"), line: read("--edge"), accent: read("--acc"), disc: read("--disc"), rim: read("--rim"), dark };
  }
  const colour = node => meta.groups[meta.kinds[node.kind][0]][theme.dark ? 4 : 3];
  const shape = node => meta.groups[meta.kinds[node.kind][0]][2];

  /* --- under the marks: the map --- */
  function paintMap(ctx) {
    if (scene.level === "concept") return;
    for (const region of regions) {
      if (scene.level === "topic" && region.id !== scene.topic) continue;
      ctx.beginPath();
      ctx.arc(region.x, region.y, region.radius, 0, 6.2832);
      ctx.fillStyle = theme.disc;
      ctx.fill();
      ctx.strokeStyle = theme.rim;
      ctx.lineWidth = 1.5 / network.getScale();
      ctx.stroke();
      if (scene.level !== "map") continue;
      const scale = network.getScale();
      for (const node of region.members) {
        if (!scene.shown.has(node) || scene.focus.has(node.id)) continue;
        ctx.globalAlpha = node.tier === "core" ? 0.85 : 0.4;
        ctx.fillStyle = colour(node);
        const r = Math.max((node.tier === "core" ? 2.4 : 1.5) / scale, node.tier === "core" ? 15 : 9);
        ctx.beginPath();
        ctx.arc(node.x, node.y, r, 0, 6.2832);
        ctx.fill();
      }
      ctx.globalAlpha = 1;
    }
  }

  /* --- over the marks: labels in screen pixels, the important first, none over another --- */
  function painter(ctx) {
    const placed = [];
    const free = r => r.x >= 2 && r.y >= 2 && r.x + r.w <= box.clientWidth - 2 && r.y + r.h <= box.clientHeight - 2
      && !placed.some(q => r.x < q.x + q.w && q.x < r.x + r.w && r.y < q.y + q.h && q.y < r.y + r.h);
    function put(parts, x, y, { align = "center", px = 13, bold = false, force = false, limit = 260 } = {}) {
      ctx.font = `${bold ? 600 : 400} ${px}px ${FONT}`;
      const texts = parts.map(([text, tone]) => [text, tone]);
      let width = texts.reduce((sum, [text]) => sum + ctx.measureText(text).width, 0);
      const last = texts[align === "right" && texts.length > 1 ? 0 : texts.length - 1];
      if (width > limit) {
        const others = width - ctx.measureText(last[0]).width;
        let signs = [...last[0]];
        while (signs.length > 2 && others + ctx.measureText(signs.join("") + "…").width > limit) signs.pop();
        last[0] = signs.join("") + "…";
        width = texts.reduce((sum, [text]) => sum + ctx.measureText(text).width, 0);
      }
      const left = align === "center" ? x - width / 2 : align === "right" ? x - width : x;
      const r = { x: left - 2, y: y - px * 0.7, w: width + 4, h: px * 1.4, px, text: texts.map(([text]) => text).join("") };
      if (!free(r) && !force) return false;
      placed.push(r);
      ctx.textAlign = "left";
      ctx.textBaseline = "middle";
      ctx.lineJoin = "round";
      ctx.lineWidth = 4;
      ctx.strokeStyle = theme.ground;
      let at = left;
      for (const [text, tone] of texts) {
        ctx.strokeText(text, at, y);
        ctx.fillStyle = tone;
        ctx.fillText(text, at, y);
        at += ctx.measureText(text).width;
      }
      return true;
    }
    return { put, placed };
  }

  /* The name of the concept in the middle, on two lines where it is long. */
  function paintFocus(ctx, put, mark, p, scale) {
    const small = Math.max(scale, 0.7), room = scene.narrow ? 260 : Math.max(120, 2 * REACH * scale - 70);
    const lines = words.wrap(words.name(mark.node), text => { ctx.font = `600 16px ${FONT}`; return ctx.measureText(text).width <= room; }).slice(0, 2);
    lines.forEach((line, i) => put([[line, theme.text]], scene.narrow ? p.x - 16 : p.x, scene.narrow ? p.y - 32 * small - 22 * (lines.length - 1 - i) : p.y + 28 * small + 22 * i,
      { bold: true, px: 16, force: true, align: scene.narrow ? "left" : "center", limit: room }));
  }

  function paintLabels(ctx) {
    const scale = network.getScale(), { put, placed } = painter(ctx);
    const at = (x, y) => network.canvasToDOM({ x, y });
    ctx.save();
    ctx.setTransform(window.devicePixelRatio || 1, 0, 0, window.devicePixelRatio || 1, 0, 0);
    if (scene.level === "map") {
      for (const mark of scene.marks.filter(m => m.strong)) {
        const p = at(mark.x, mark.y);
        put([[words.name(mark.node), theme.text]], p.x, p.y - 15, { bold: true });
      }
      for (const link of scene.links) {
        const p = at((link.a.x + link.b.x) / 2, (link.a.y + link.b.y) / 2);
        [-14, 14, -30, 30, 0].some(up => put([[words.predicate(link.edge), theme.accent]], p.x, p.y + up, { px: 12 }));
      }
      for (const region of regions) {
        const p = at(region.x, region.y - region.radius), across = 1130 * scale;
        const lines = words.wrap(words.topic(region.id), text => { ctx.font = `600 13px ${FONT}`; return ctx.measureText(text).width <= Math.max(across, 78); });
        lines.slice(0, 2).reverse().forEach((line, i) => put([[line, theme.text]], p.x, p.y - 11 - 19 * i, { bold: true, px: 13 }));
      }
    }
    for (const mark of scene.marks) {
      if (mark.strong && scene.level === "map") continue;
      const p = at(mark.x, mark.y);
      if (scene.level === "concept") {
        if (!mark.side) paintFocus(ctx, put, mark, p, scale);
        else {
          const verb = words.short(mark.edge, mark.forward), name = [words.name(mark.node), mark.faint ? theme.muted : theme.text];
          const parts = mark.side > 0 ? [[verb + "  ", theme.accent], name] : [name, ["  " + verb, theme.accent]];
          const gap = 9 * Math.max(scale, 0.7) + 6, room = (mark.side > 0 ? box.clientWidth - p.x : p.x) - gap - 8;
          if (mark.inner) put(parts, p.x, p.y - 13, { align: mark.side > 0 ? "left" : "right", limit: STEP * scale - 12 });
          else put(parts, p.x + mark.side * gap, p.y, { align: mark.side > 0 ? "left" : "right", limit: Math.max(60, room) });
        }
      } else put([[words.name(mark.node), mark.node.tier === "core" ? theme.text : theme.muted]], p.x, p.y + 9 * scale + 10, { bold: mark.bold, px: mark.node.tier === "core" ? 13 : 12 });
    }
    ctx.restore();
    painted = placed;
  }

  function draw(next) {
    readTheme();
    scene = { ...next, focus: new Set(next.marks.map(mark => mark.node.id)) };
    network.setData({
      nodes: new vis.DataSet(scene.marks.map(mark => ({
        id: mark.key, x: mark.x, y: mark.y, shape: shape(mark.node) === "box" ? "square" : shape(mark.node), size: mark.size,
        borderWidth: mark.strong ? 3 : 1, color: { background: mark.hollow ? theme.ground : colour(mark.node), border: mark.strong ? theme.accent : colour(mark.node) } }))),
      edges: new vis.DataSet(scene.links.map((link, i) => ({
        id: i, from: link.a.key, to: link.b.key, dashes: link.dashed ? (scene.level === "map" ? [70, 50] : [6, 5]) : false, width: scene.level === "map" ? 17 : 1.3, arrows: { to: { enabled: true, scaleFactor: scene.level === "map" ? 0.35 : 0.55 } },
        color: { color: link.strong ? theme.accent : theme.line, opacity: link.faint ? 0.5 : 0.95 },
        smooth: scene.level === "concept" ? { enabled: true, type: "cubicBezier", forceDirection: "horizontal", roundness: 0.55 } : { enabled: true, type: "curvedCW", roundness: 0.12 } }))),
    });
    if (next.fit) fit();
    else network.redraw();
  }

  function bounds() {
    const list = scene.level === "map" ? regions.map(r => [r.x - r.radius, r.y - r.radius - 130, r.x + r.radius, r.y + r.radius])
      : scene.level === "topic" ? regions.filter(r => r.id === scene.topic).map(r => [r.x - r.radius, r.y - r.radius, r.x + r.radius, r.y + r.radius])
        : scene.marks.map(m => [m.x + (m.side < 0 ? -270 : -40), m.y - 26, m.x + (m.side > 0 ? (scene.narrow ? 250 : 270) : 40), m.y + 34]);
    return list.reduce((a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])], [Infinity, Infinity, -Infinity, -Infinity]);
  }
  function fit() {
    const [x0, y0, x1, y1] = bounds();
    if (!Number.isFinite(x0)) return;
    const below = key.offsetHeight ? key.offsetHeight + 12 : 0, above = scene.level === "map" ? 8 : 44;
    const wide = (box.clientWidth - 24) / (x1 - x0), high = (box.clientHeight - above - below - 8) / (y1 - y0);
    const least = scene.level === "concept" ? 0.62 : 0.02, most = scene.level === "concept" ? 1.15 : 1.4;
    const scale = Math.min(most, Math.max(least, Math.min(wide, high)));
    network.moveTo({ position: { x: (x0 + x1) / 2, y: (y0 + y1) / 2 + (below - above) / 2 / scale }, scale, animation: false });
  }

  network.on("beforeDrawing", paintMap);
  network.on("afterDrawing", paintLabels);
  network.on("click", event => {
    const mark = event.nodes.length ? scene.marks.find(m => m.key === event.nodes[0]) : null;
    if (mark) return onNode(mark.node);
    const p = event.pointer.canvas, d = event.pointer.DOM;
    const label = painted.find(r => d.x >= r.x && d.x <= r.x + r.w && d.y >= r.y && d.y <= r.y + r.h);
    const near = scene.level === "concept" ? null : nearest(p, 10 / network.getScale());
    if (near) return onNode(near);
    if (label && scene.level === "concept") {
      const owner = scene.marks.find(m => m.side && Math.abs(network.canvasToDOM({ x: m.x, y: m.y }).y - d.y) < ROW / 2 && Math.sign(d.x - network.canvasToDOM({ x: m.x, y: m.y }).x) === m.side);
      if (owner) return onNode(owner.node);
    }
    const region = scene.level === "map" && regions.find(r => Math.hypot(p.x - r.x, p.y - r.y) < r.radius || (label && Math.abs(p.x - r.x) < r.radius && p.y < r.y && p.y > r.y - r.radius - 60 / network.getScale()));
    if (region) onTopic(region.id);
  });
  function nearest(p, reach) {
    let best = null, least = reach;
    for (const node of scene.shown) {
      if (scene.level === "topic" && node.topic !== scene.topic) continue;
      const d = Math.hypot(node.x - p.x, node.y - p.y);
      if (d < least) { least = d; best = node; }
    }
    return scene.level === "map" && network.getScale() < 0.25 ? null : best;
  }
  const zoom = factor => network.moveTo({ scale: Math.min(4, Math.max(0.03, network.getScale() * factor)), position: network.getViewPosition(), animation: false });
  new ResizeObserver(() => { network.redraw(); fit(); }).observe(box);

  return { draw, fit, zoom, network, regions, ROW, REACH, STEP, MAP_MARK, labels: () => painted, marks: () => scene.marks, links: () => scene.links, redraw: () => { readTheme(); network.redraw(); } };
};
