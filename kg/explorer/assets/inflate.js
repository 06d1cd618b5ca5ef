"use strict";
/* Unpacks the texts of the page: base64 of DEFLATE (RFC 1951) of UTF-8. Not every browser brings a way to do so at once. */
const Inflate = (() => {
  const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

  /* How many codes there are of each length, and the symbols in the order of their codes. */
  function table(lengths) {
    const counts = new Array(16).fill(0), starts = new Array(16).fill(0), symbols = [];
    for (const length of lengths) if (length) counts[length]++;
    for (let n = 1; n < 15; n++) starts[n + 1] = starts[n] + counts[n];
    lengths.forEach((length, symbol) => { if (length) symbols[starts[length]++] = symbol; });
    return { counts, symbols };
  }
  /* The base values and the extra bits of lengths and distances. */
  function ranges(first, groups, step) {
    const bases = [], extras = [];
    for (let i = 0, base = first; i < groups; i++) {
      const extra = Math.max(0, Math.floor(i / step) - 1);
      bases.push(base);
      extras.push(extra);
      base += 2 ** extra;
    }
    return { bases, extras };
  }
  const LENGTHS = ranges(3, 28, 4), DISTANCES = ranges(1, 30, 2);
  LENGTHS.bases.push(258);
  LENGTHS.extras.push(0);
  const FIXED = [table([...Array(288).keys()].map(i => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8))), table(new Array(30).fill(5))];

  function bytes(packed, size) {
    const out = new Uint8Array(size);
    let at = 0, bit = 0, end = 0;
    const bits = count => {
      let value = 0;
      for (let i = 0; i < count; i++) {
        value |= ((packed[at] >> bit) & 1) << i;
        if (++bit === 8) { bit = 0; at++; }
      }
      return value;
    };
    const symbol = ({ counts, symbols }) => {
      let code = 0, first = 0, index = 0;
      for (let n = 1; n < 16; n++) {
        code |= bits(1);
        if (code - first < counts[n]) return symbols[index + code - first];
        index += counts[n];
        first = (first + counts[n]) << 1;
        code <<= 1;
      }
      throw new Error("broken texts");
    };
    const tables = () => {
      const literals = bits(5) + 257, distances = bits(5) + 1, count = bits(4) + 4, lengths = new Array(19).fill(0), all = [];
      for (let i = 0; i < count; i++) lengths[ORDER[i]] = bits(3);
      const codes = table(lengths);
      while (all.length < literals + distances) {
        const code = symbol(codes);
        if (code < 16) all.push(code);
        else for (let n = code === 16 ? 3 + bits(2) : code === 17 ? 3 + bits(3) : 11 + bits(7), last = code === 16 ? all[all.length - 1] : 0; n > 0; n--) all.push(last);
      }
      return [table(all.slice(0, literals)), table(all.slice(literals))];
    };
    for (let last = 0; !last;) {
      last = bits(1);
      const kind = bits(2);
      if (kind === 0) {
        if (bit) { bit = 0; at++; }
        const length = packed[at] | (packed[at + 1] << 8);
        out.set(packed.subarray(at + 4, at + 4 + length), end);
        at += 4 + length;
        end += length;
        continue;
      }
      const [literals, distances] = kind === 1 ? FIXED : tables();
      for (let code = symbol(literals); code !== 256; code = symbol(literals)) {
        if (code < 256) { out[end++] = code; continue; }
        const length = LENGTHS.bases[code - 257] + bits(LENGTHS.extras[code - 257]), far = symbol(distances);
        const distance = DISTANCES.bases[far] + bits(DISTANCES.extras[far]);
        for (let i = 0; i < length; i++, end++) out[end] = out[end - distance];
      }
    }
    return out;
  }
  return (text, size) => new TextDecoder().decode(bytes(Uint8Array.from(atob(text), sign => sign.charCodeAt(0)), size));
})();
