/** A part of a line of Python, and what it is; nothing for what has no colour of its own. */
export interface IToken {
  text: string;
  kind: '' | 'comment' | 'keyword' | 'number' | 'string';
}

/** The quotes of a string that goes on in the next line; empty outside of strings. */
export type OpenString = '' | "'''" | '"""';

const KEYWORDS = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from ' +
    'global if import in is lambda nonlocal not or pass raise return try while with yield match case'
  ).split(' ')
);

const TOKEN =
  /(?<comment>#.*)|(?<triple>[rbfuRBFU]{0,2}('''|"""))|(?<string>[rbfuRBFU]{0,2}(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?))|(?<number>\b\d[\w.]*)|(?<word>[^\W\d]\w*)/gu;

/**
 * Return a line of Python in parts that have a colour each, and the string that it leaves open.
 *
 * The lines of a diff are no whole source, so nothing that reads one can colour them.
 */
export function pythonTokens(
  line: string,
  open: OpenString
): { tokens: IToken[]; open: OpenString } {
  const tokens: IToken[] = [];
  let at = 0;
  let inside = open;
  const push = (end: number, kind: IToken['kind']) => {
    const text = line.slice(at, end);
    const last = tokens[tokens.length - 1];
    if (text && last?.kind === kind) {
      last.text += text;
    } else if (text) {
      tokens.push({ text, kind });
    }
    at = Math.max(at, end);
  };
  const closeString = (quotes: string) => {
    const close = line.indexOf(quotes, at);
    push(close < 0 ? line.length : close + quotes.length, 'string');
    return close < 0;
  };
  if (inside && closeString(inside)) {
    return { tokens, open: inside };
  }
  inside = '';
  for (;;) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(line);
    if (!found) {
      break;
    }
    const { comment, triple, string, number, word } = found.groups ?? {};
    push(found.index, '');
    const end = found.index + found[0].length;
    if (triple) {
      const quotes = triple.slice(-3) as OpenString;
      push(end, 'string');
      if (closeString(quotes)) {
        inside = quotes;
        break;
      }
    } else if (word) {
      push(end, KEYWORDS.has(word) ? 'keyword' : '');
    } else {
      push(end, comment ? 'comment' : string ? 'string' : number ? 'number' : '');
    }
  }
  push(line.length, '');
  return { tokens, open: inside };
}
