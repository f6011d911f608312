import type { Schemas } from '../../api/operations';
import { pythonTokens, type IToken, type OpenString } from './python-tokens';

type DiffLineJson = Schemas['DiffLineJson'];

/** A part of a line: its colour, and whether it is what changed. */
export interface ISpan extends IToken {
  changed: boolean;
}

export interface IColouredLine {
  line: DiffLineJson;
  spans: ISpan[];
}

// Longer lines are data rather than code.
const LONGEST_COLOURED = 400;

/** Return the lines of a diff in parts with colours; each side has its own open strings. */
export function colouredLines(lines: readonly DiffLineJson[]): IColouredLine[] {
  const open: Record<'left' | 'right', OpenString> = { left: '', right: '' };
  return lines.map(line => {
    if (line.sign === '@') {
      open.left = open.right = '';
      return { line, spans: [] };
    }
    const side = line.sign === '-' ? 'left' : 'right';
    const read =
      line.text.length > LONGEST_COLOURED
        ? { tokens: [{ text: line.text, kind: '' as const }], open: open[side] }
        : pythonTokens(line.text, open[side]);
    open[side] = read.open;
    if (line.sign === ' ') {
      open.left = read.open;
    }
    return { line, spans: overlaid(read.tokens, line.pieces) };
  });
}

/** Cut the tokens where what changed begins and ends. */
function overlaid(tokens: readonly IToken[], pieces: DiffLineJson['pieces']): ISpan[] {
  if (pieces.length === 0) {
    return tokens.map(token => ({ ...token, changed: false }));
  }
  const spans: ISpan[] = [];
  const rest = pieces.map(piece => ({ ...piece }));
  for (const token of tokens) {
    let text = token.text;
    while (text && rest.length > 0) {
      const piece = rest[0];
      const part = text.slice(0, piece.text.length);
      spans.push({ text: part, kind: token.kind, changed: piece.changed });
      text = text.slice(part.length);
      piece.text = piece.text.slice(part.length);
      if (!piece.text) {
        rest.shift();
      }
    }
  }
  return spans;
}

/** Write out what cannot be seen: marks that turn the direction of writing make code read other than it runs. */
export function visible(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
  );
}
