import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leadingWords, splitStatements } from './split-statements.ts';

const texts = (sql: string) => splitStatements(sql).statements.map(({ text }) => text);

describe('statements are split', () => {
  it.each<[string, string, string[]]>([
    ['at semicolons', 'a; b ;c', ['a', 'b', 'c']],
    ['without counting empty ones', ';; a ;; ;', ['a']],
    ['not in strings', `select 'a;b''; c'; d`, [`select 'a;b''; c'`, 'd']],
    [
      'with backslashes as text in plain strings',
      String.raw`select '\'; b`,
      [String.raw`select '\'`, 'b'],
    ],
    [
      'with backslash escapes in E strings',
      String.raw`select E'\';'; b`,
      [String.raw`select E'\';'`, 'b'],
    ],
    [
      'with escapes in the continuation of an E string',
      "select E'a' -- c\n '\\';'; b",
      ["select E'a' -- c\n '\\';'", 'b'],
    ],
    [
      'not after a word that ends in e',
      String.raw`select type'\'; b`,
      [String.raw`select type'\'`, 'b'],
    ],
    ['not in quoted names', 'select "a;""b"; c', ['select "a;""b"', 'c']],
    ['not in dollar quotes', 'do $$ begin; $x$; end $$; b', ['do $$ begin; $x$; end $$', 'b']],
    ['not in tagged dollar quotes', 'do $a$ ; $$ ; $a$; b', ['do $a$ ; $$ ; $a$', 'b']],
    ['with dollars as a part of names', 'select a$b$; c$b$', ['select a$b$', 'c$b$']],
    ['with parameters', 'select $1; b', ['select $1', 'b']],
    ['not in line comments', "a -- ; it's\n; b", ['a', 'b']],
    ['not in nested block comments', 'a /* ; /* ; */ ; */ b; c', ['a /* ; /* ; */ ; */ b', 'c']],
    ['leaving out comments around them', '-- x\n a /* y */; -- z', ['a']],
    [
      'not in the parentheses of a rule',
      'create rule r as on x do (a; b); c',
      ['create rule r as on x do (a; b)', 'c'],
    ],
    [
      'not in the body of an SQL function',
      'create function f() returns int begin atomic select case when true then 1 end; select 2; end; b',
      [
        'create function f() returns int begin atomic select case when true then 1 end; select 2; end',
        'b',
      ],
    ],
    ['after a BEGIN that is not of a function', 'begin; a; end; b', ['begin', 'a', 'end', 'b']],
    ['with carriage returns', 'a;\r\nb;\r\n', ['a', 'b']],
  ])('%s', (_, sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });
});

it('a statement knows its number, its line and its place', () => {
  const sql = '-- first\n\na;\n/* two\nlines */ b\nc;';
  const [, second] = splitStatements(sql).statements;
  expect(second).toMatchObject({ number: 2, line: 5, text: 'b\nc' });
  expect(sql.slice(second?.start, second?.end)).toBe('b\nc');
});

it('leading words end at the first token that is none', () => {
  const words = (sql: string) => leadingWords(splitStatements(sql).statements[0]?.tokens ?? []);
  expect(words('create /* c */ unique\nindex "x" on y')).toBe('CREATE UNIQUE INDEX');
  expect(words('vacuum (full)')).toBe('VACUUM');
});

describe('what has no end is a fault with its line', () => {
  it.each([
    ["a;\nselect 'b", 2, 'string'],
    ['a;\n\nselect "b', 3, 'quoted identifier'],
    ['/* a /* */', 1, 'comment'],
    ['do $x$ $$', 1, '$x$ string'],
  ])('%j', (sql, line, what) => {
    const { faults } = splitStatements(sql);
    expect(faults).toEqual([{ line, what: `the ${what} that begins here has no end` }]);
  });
});

it('a backslash outside of strings is a fault', () => {
  expect(splitStatements('a;\n\\set x 1\n').faults).toMatchObject([{ line: 2 }]);
  expect(splitStatements(String.raw`select '\set'`).faults).toEqual([]);
});

const piece = fc.constantFrom(
  "'",
  '"',
  '$$',
  '$a$',
  '--',
  '/*',
  '*/',
  ';',
  '\n',
  'E',
  "e'",
  '\\',
  '(',
  ')',
  'BEGIN ATOMIC',
  'END',
  'x',
  ' ',
);

it('nothing of a file is lost or read twice, whatever is in it', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const sql = pieces.join('');
      const { statements } = splitStatements(sql);
      let at = 0;
      for (const [index, { start, end, text, number }] of statements.entries()) {
        expect(start).toBeGreaterThanOrEqual(at);
        expect(end).toBeGreaterThan(start);
        expect(sql.slice(start, end)).toBe(text);
        expect(number).toBe(index + 1);
        at = end;
      }
    }),
    { numRuns: 2_000 },
  );
});

const whole = fc.constantFrom(
  'select 1',
  `select 'a;b'`,
  String.raw`select E'\';'`,
  'select "c;d"',
  'do $$ begin null; end $$',
  'select /* ; /* ; */ */ 2',
  'create function f() returns int begin atomic select 1; end',
  'create rule r as on insert to t do (select 1; select 2)',
);

it('statements that are joined come apart again', () => {
  fc.assert(
    fc.property(fc.array(whole, { maxLength: 12 }), (statements) => {
      expect(texts(statements.join('; -- next\n'))).toEqual(statements);
    }),
  );
});
