import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import type { Token } from '../keys/tokenize.ts';
import { listenToKeys } from './keyboard.ts';

function keyboard(): {
  stdin: PassThrough & { raw: boolean[] };
  seen: Token[][];
  stop: () => void;
} {
  const raw: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), {
    raw,
    setRawMode: (on: boolean) => raw.push(on),
  });
  const seen: Token[][] = [];
  const stop = listenToKeys(stdin, (tokens) => seen.push([...tokens]));
  return { stdin, seen, stop };
}

test('each chunk arrives by itself, in raw mode, until it is stopped', async () => {
  const { stdin, seen, stop } = keyboard();
  stdin.write('jj');
  await eventually(() => expect(seen).toHaveLength(1));
  stdin.write('y');
  await eventually(() => expect(seen).toHaveLength(2));
  expect(seen.map((tokens) => tokens.length)).toEqual([2, 1]);
  stop();
  stdin.write('r');
  expect(seen).toHaveLength(2);
  expect(stdin.raw).toEqual([true, false]);
});

test('ESC is a key when nothing follows, and the start of one when something does', async () => {
  const { stdin, seen, stop } = keyboard();
  stdin.write('\u001b');
  await eventually(() => expect(seen.flat()).toMatchObject([{ key: 'esc', alone: true }]));
  stdin.write('\u001b[');
  stdin.write('A');
  await eventually(() => expect(seen.flat()).toMatchObject([{ key: 'esc' }, { key: 'up' }]));
  stop();
});

test('a character that is cut between two chunks is one character', async () => {
  const { stdin, seen, stop } = keyboard();
  const [first, ...rest] = Buffer.from('é');
  stdin.write(Buffer.from([first ?? 0]));
  stdin.write(Buffer.from(rest));
  await eventually(() => expect(seen.flat()).toMatchObject([{ key: 'é' }]));
  stop();
});
