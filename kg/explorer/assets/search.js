"use strict";
/* Search: the same rules as kg/lookup.py, so that page and command line give the same hits. */
const Search = (() => {
  const [EQUAL, PREFIX, WORD_PREFIX, INSIDE, ALL_WORDS, TYPO] = [0, 1, 2, 3, 4, 5];
  const PINYIN = 3, INITIALS = 4;
  const TIER = new Map([["core", 0], ["supporting", 1], ["context", 2]]);

  function normalise(text, fold) {
    const levelled = text.normalize("NFKC").toLowerCase();
    const folded = [...levelled].map(char => fold.get(char) || char).join("");
    const bare = folded.normalize("NFD").replace(/\p{Mn}/gu, "").normalize("NFC");
    return bare.replace(/[^\p{L}\p{N}]/gu, " ").trim().replace(/ +/g, " ");
  }

  /* Optimal string alignment distance: insert, delete, replace, swap neighbours. */
  function distance(a, b) {
    let before = [], last = [...Array(b.length + 1).keys()];
    for (let i = 1; i <= a.length; i++) {
      const row = [i];
      for (let j = 1; j <= b.length; j++) {
        const cost = a[i - 1] === b[j - 1] ? 0 : 1;
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost);
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
      }
      before = last;
      last = row;
    }
    return last[b.length];
  }

  function slipsAllowed(compact) {
    const signs = [...compact];
    if (signs.length < (signs.some(char => char >= "\u2e80") ? 3 : 4)) return 0;
    return signs.length < 8 ? 1 : 2;
  }

  function matchKind(compact, words, rank, key) {
    if (key.whole === compact) return rank !== INITIALS || compact.length > 1 ? EQUAL : null;
    if (rank >= PINYIN && compact.length < 2) return null;
    if (key.whole.startsWith(compact)) return PREFIX;
    if (rank === INITIALS) return null;
    if (rank !== PINYIN && key.words.some(word => word.startsWith(compact))) return WORD_PREFIX;
    if (key.whole.includes(compact)) return INSIDE;
    if (rank !== PINYIN && words.length > 1 && words.every(part => key.words.some(word => word.startsWith(part)))) return ALL_WORDS;
    return null;
  }

  function slips(compact, whole, limit) {
    const a = [...compact], b = [...whole], gap = Math.abs(a.length - b.length);
    if (gap > limit) return null;
    const far = distance(a, b);
    return far <= limit ? far * 10 + gap : null;
  }

  const less = (a, b) => {
    for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
    return 0;
  };

  return function build(nodes, foldTable) {
    const fold = new Map(Object.entries(foldTable));
    const entries = nodes.map(node => ({
      node, tier: TIER.get(node.tier),
      keys: node.keys.map(([rank, text]) => ({ rank, words: text.split(" "), whole: text.replace(/ /g, ""), size: [...text.replace(/ /g, "")].length })),
    }));
    return function search(text, limit) {
      const query = normalise(text, fold);
      if (!query) return [];
      const compact = query.replace(/ /g, ""), words = query.split(" "), allowed = slipsAllowed(compact);
      const exact = [], near = [];
      for (const entry of entries) {
        let best = null;
        for (const key of entry.keys) {
          const kind = matchKind(compact, words, key.rank, key);
          let score = kind === null ? null : [kind, key.rank, entry.tier, key.size];
          if (kind === null && allowed && key.rank !== INITIALS && !exact.length) {
            const off = slips(compact, key.whole, allowed);
            if (off !== null) score = [TYPO, off, entry.tier, key.size];
          }
          if (score && (!best || less(score, best) < 0)) best = score;
        }
        if (best) (best[0] < TYPO ? exact : near).push({ node: entry.node, score: best });
      }
      const found = exact.length ? exact : near;
      found.sort((a, b) => less(a.score, b.score) || (a.node.id < b.node.id ? -1 : 1));
      return found.slice(0, limit).map(hit => hit.node);
    };
  };
})();
