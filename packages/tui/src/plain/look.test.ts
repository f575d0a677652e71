import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { lookOf } from './look.ts';

const terminal = (isTTY: boolean, env: Record<string, string> = {}) => ({
  stdout: Object.assign(new PassThrough(), { isTTY, columns: 120 }),
  stderr: Object.assign(new PassThrough(), { isTTY }),
  env,
});
const choice = { color: true, ascii: false };

test('a terminal has colour, its width and live lines', () => {
  const look = lookOf(terminal(true), 'stdout', choice);
  expect(look).toMatchObject({ color: true, width: 120, live: true });
  expect(look.paint('x', 'red')).toBe('\u001b[31mx\u001b[39m');
});

test.each([
  ['NO_COLOR is set', terminal(true, { NO_COLOR: '1' }), choice],
  ['the terminal is dumb', terminal(true, { TERM: 'dumb' }), choice],
  ['there is no terminal', terminal(false), choice],
  ['it was asked not to', terminal(true), { ...choice, color: false }],
])('no escape is written when %s', (_why, given, chosen) => {
  const look = lookOf(given, 'stdout', chosen);
  expect(look.paint('x', 'red', 'bold')).toBe('x');
  expect(look.color).toBe(false);
});

test('an empty NO_COLOR says nothing', () => {
  expect(lookOf(terminal(true, { NO_COLOR: '' }), 'stdout', choice).color).toBe(true);
});

test('without a terminal there is no width and no live line', () => {
  expect(lookOf(terminal(false), 'stderr', choice)).toMatchObject({
    width: undefined,
    live: false,
  });
});
