import type { Schemas } from '../../../api/operations';
import { colouredLines, visible } from '../lines';
import { pythonTokens } from '../python-tokens';

type Line = Schemas['DiffLineJson'];

function line(sign: string, text: string, pieces: Line['pieces'] = []): Line {
  return { sign, text, left: 1, right: 1, pieces };
}

function kinds(text: string): [string, string][] {
  return pythonTokens(text, '')
    .tokens.filter(token => token.kind)
    .map(token => [token.text, token.kind]);
}

it('tells keywords, strings, numbers and comments apart', () => {
  expect(kinds('for x in f("a\'b", 1.5e3): # "no" string 12')).toEqual([
    ['for', 'keyword'],
    ['in', 'keyword'],
    ['"a\'b"', 'string'],
    ['1.5e3', 'number'],
    ['# "no" string 12', 'comment']
  ]);
});

it.each(['', 'x', '"open', "'''", '\\', 'é = "ü" # 😀', '"""a""" + \'\'\'b', '((('])(
  'keeps every character of %j',
  text => {
    const { tokens } = pythonTokens(text, '');
    expect(tokens.map(token => token.text).join('')).toBe(text);
  }
);

it('colours strings over several lines, each side by itself', () => {
  const lines = colouredLines([
    line('-', 'x = """one'),
    line('-', 'for """'),
    line('+', 'for x in y:'),
    line('@', '3 equal lines'),
    line(' ', 'for z in y:')
  ]);
  expect(lines[1].spans.map(span => span.kind)).toEqual(['string']);
  expect(lines[2].spans[0]).toEqual({ text: 'for', kind: 'keyword', changed: false });
  expect(lines[4].spans[0].kind).toBe('keyword');
});

it('cuts colours where what changed begins and ends', () => {
  const [{ spans }] = colouredLines([
    line('+', 'a = "one two"', [
      { text: 'a = "one ', changed: false },
      { text: 'two', changed: true },
      { text: '"', changed: false }
    ])
  ]);
  expect(spans.map(span => [span.text, span.kind, span.changed])).toEqual([
    ['a = ', '', false],
    ['"one ', 'string', false],
    ['two', 'string', true],
    ['"', 'string', false]
  ]);
});

it('writes out marks that turn the direction of writing', () => {
  expect(visible('a\u202eb\u200bc\td')).toBe('a\\u202eb\\u200bc\td');
});
