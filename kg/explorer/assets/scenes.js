"use strict";
/* Scenes: what is drawn and where. The map has given places; a neighbourhood is set out for the room there is. */
const Scenes = ({ nodes, edges, meta, filters, relationsOf, regions, words }) => {
  const MAP_LABELS = 3, ROW = 22, TALL_ROW = 36, TOP = 56, FOOT = 16, NAVIGATION = "so:topicOf";
  const symmetric = edge => meta.predicates[edge.p].symmetric;
  const byWeight = (a, b) => b.degree - a.degree || (a.id < b.id ? -1 : 1);

  const link = (edge, a, b, strong = false) => ({
    edge, a, b, strong, dashed: !edge.s.includes("s") && edge.s.includes("i"), faint: !!edge.low });

  function map(examples) {
    const marks = new Map();
    const mark = (node, strong) => {
      const old = marks.get(node.id);
      if (old) { old.strong = old.strong || strong; return old; }
      const made = { key: node.id, node, x: node.x, y: node.y, size: strong ? 34 : 20, strong };
      marks.set(node.id, made);
      return made;
    };
    const links = examples.filter(edge => filters.edge(edge) && filters.node(edge.a) && filters.node(edge.b))
      .map(edge => link(edge, mark(edge.a, true), mark(edge.b, true), true));
    const ranked = regions.map(region => region.members.filter(node => node.tier === "core" && filters.onMap(node)).sort(byWeight));
    // Round by round, so that each topic names its first term before any names its second.
    for (let round = 0; round < MAP_LABELS; round++) {
      for (const best of ranked) if (best.length > round) mark(best[round], false);
    }
    return { level: "map", marks: [...marks.values()], links, shown: new Set(nodes.filter(filters.onMap)) };
  }

  /* The disc of a topic becomes as wide as the window, so that names have room beside each other. */
  function topic(id, room) {
    const region = regions.find(r => r.id === id), stretch = Math.min(1.8, Math.max(1, (room.width - 32) / (room.height - TOP - FOOT)));
    const first = node => (node.tier === "core" ? 0 : node.tier === "supporting" ? 1 : 2);
    const found = nodes.filter(node => node.topic === id && filters.onMap(node)).sort((a, b) => first(a) - first(b) || byWeight(a, b));
    const marks = new Map(found.map(node => [node, {
      key: node.id, node, x: region.x + (node.x - region.x) * stretch, y: node.y,
      size: node.tier === "core" ? 10 : 6.5, bold: node.tier === "core" }]));
    const links = edges
      .filter(edge => edge.p !== NAVIGATION && !edge.again && !edge.disputed && filters.edge(edge) && marks.has(edge.a) && marks.has(edge.b))
      .map(edge => link(edge, marks.get(edge.a), marks.get(edge.b)));
    return { level: "topic", topic: id, stretch, marks: [...marks.values()], links, shown: new Set(found) };
  }

  /* The relations of a concept as branches, the surest first, those of one kind together. */
  function branches(at, seen, centre) {
    const out = new Map();
    for (const edge of relationsOf(at)) {
      const outward = edge.a === at, far = outward ? edge.b : edge.a;
      // Next to the concept asked for, phrases merely mentioned are shown too.
      const hidden = at === centre ? filters.groupOff(far) : !filters.node(far);
      if (edge.p === NAVIGATION || edge.disputed || !filters.edge(edge) || hidden || seen.has(far) || out.has(far)) continue;
      out.set(far, { node: far, edge, outward, right: outward || symmetric(edge), children: [], more: 0 });
    }
    // A generic performer says little: it is drawn only where there is nothing else.
    const found = [...out.values()], telling = found.filter(branch => !branch.node.quiet);
    return (telling.length ? telling : found).sort((a, b) => b.edge.s.includes("s") - a.edge.s.includes("s") || byWeight(a.node, b.node));
  }
  const together = list => list.sort((a, b) => (a.edge.p < b.edge.p ? -1 : a.edge.p > b.edge.p ? 1 : 0)
    || b.outward - a.outward || byWeight(a.node, b.node));

  function concept(node, depth, room) {
    const narrow = room.width < 560, foot = narrow ? 56 : FOOT, high = room.height - TOP - foot, rows = Math.max(6, Math.floor(high / ROW));
    const middle = (TOP - foot) / 2;
    const frame = { node, depth, narrow, rows, high, middle, half: room.width / 2 };
    const scene = narrow || depth > 1 ? tree(frame) : wings(frame);
    return { ...scene, level: "concept", narrow, shown: new Set(scene.marks.map(mark => mark.node)) };
  }
  const branchMark = (branch, x, y, name) => ({
    key: branch.node.id, node: branch.node, x, y, size: 7, edge: branch.edge,
    faint: !!branch.edge.low || branch.node.tier === "context", name });
  const branchLink = (branch, mark, parent) => (branch.edge.a === branch.node ? link(branch.edge, mark, parent) : link(branch.edge, parent, mark));

  /* One hop: what it does to the right, what is done to it to the left; the verb stands once for each kind. */
  function wings({ node, rows, high, middle, half }) {
    const list = branches(node, new Set([node]), node), sides = new Map([[1, list.filter(b => b.right)], [-1, list.filter(b => !b.right)]]);
    const alone = [...sides.values()].some(side => !side.length), reach = Math.min(240, half * 0.5);
    const x0 = !alone ? 0 : sides.get(1).length ? -half * 0.34 : half * 0.34;
    const marks = [{ key: node.id, node, x: x0, y: middle, size: 17, strong: true, name: { align: "center", dy: 30, px: 16, bold: true, limit: reach * 1.5 } }];
    const links = [], verbs = [], notes = [];
    let rest = 0;
    for (const [side, all] of sides) {
      const kept = together(all.slice(0, all.length > rows ? rows - 1 : rows)), cut = all.length - kept.length;
      const row = Math.min(TALL_ROW, Math.max(ROW, high / Math.max(1, kept.length + (cut ? 1 : 0)))), x = x0 + side * reach;
      let y = middle - (kept.length + (cut ? 1 : 0) - 1) / 2 * row, from = 0;
      const limit = half - 22 - side * x, align = side > 0 ? "left" : "right";
      kept.forEach((branch, i) => {
        const mark = branchMark(branch, x, y, { align, dx: side * 14, limit });
        marks.push(mark);
        links.push(branchLink(branch, mark, marks[0]));
        const next = kept[i + 1];
        if (!next || next.edge.p !== branch.edge.p || next.outward !== branch.outward) {
          // The brace beside the marks spans the rows that the verb stands for.
          verbs.push({ edge: branch.edge, forward: branch.outward === side > 0, x: x - side * 30, y: y - (i - from) / 2 * row, span: (i - from) / 2 * row, align: side > 0 ? "right" : "left", limit: reach - 80 });
          from = i + 1;
        }
        y += row;
      });
      if (cut) { rest += cut; notes.push({ text: words.more(cut), x: x + side * 14, y, align }); }
    }
    return { marks, links, verbs, notes, rest };
  }

  /* Several hops, or little room: a tree to the right with as many rows as fit, shared out evenly. */
  function tree({ node, depth, narrow, rows, high, middle, half }) {
    const seen = new Set([node]), root = { node, children: [], more: 0 };
    let leaves = 1, level = [root], rest = 0;
    for (let hop = 1; hop <= depth; hop++) {
      const budget = hop === depth ? rows : Math.ceil(rows * hop / (depth + 0.6));
      const waiting = level.map(parent => [parent, branches(parent.node, seen, node)]), next = [];
      for (let more = true; more;) {
        more = false;
        for (const [parent, list] of waiting) {
          const branch = list.find(b => !seen.has(b.node));
          if (!branch || (parent.children.length && leaves >= budget)) continue;
          if (parent.children.length) leaves += 1;
          seen.add(branch.node);
          parent.children.push(branch);
          next.push(branch);
          more = true;
        }
      }
      for (const [parent, list] of waiting) { parent.more = list.filter(b => !seen.has(b.node)).length; together(parent.children); }
      level = next;
    }
    const start = narrow ? 112 : 190, column = (half * 2 - start - 12) / depth, row = Math.min(TALL_ROW, Math.max(ROW, high / leaves));
    const marks = [{ key: node.id, node, x: (narrow ? 52 : 92) - half, y: middle, size: 17, strong: true, name: { align: "center", dy: 30, px: narrow ? 14 : 16, bold: true, limit: narrow ? 96 : 168, lines: 3 } }];
    const links = [], tall = branch => Math.max(1, branch.children.reduce((sum, child) => sum + tall(child), 0));
    function place(parent, parentMark, hop, top) {
      let y = top;
      for (const branch of parent.children) {
        const size = tall(branch), inner = hop < depth;
        const name = { align: "left", dx: inner ? 8 : 14, dy: inner ? -12 : 0, limit: column - (inner ? 20 : 24), verb: branch.outward, more: branch.more };
        const mark = branchMark(branch, start - half + (hop - 1) * column, middle + (y + size / 2 - leaves / 2) * row, name);
        rest += branch.more;
        marks.push(mark);
        links.push(branchLink(branch, mark, parentMark));
        place(branch, mark, hop + 1, y);
        y += size;
      }
    }
    place(root, marks[0], 1, 0);
    const notes = root.more ? [{ text: words.more(root.more), x: start - half, y: middle + (leaves / 2 + 0.4) * row, align: "left" }] : [];
    return { marks, links, verbs: [], notes, rest: rest + root.more };
  }

  return { map, topic, concept, NAVIGATION };
};
