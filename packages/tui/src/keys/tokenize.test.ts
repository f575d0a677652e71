import { describe, expect, test } from 'vitest';
import { type Token, Tokenizer } from './tokenize.ts';

const keysOf = (tokens: readonly Token[]): string[] =>
  tokens.map((token) => (token.type === 'key' ? token.key : `paste(${token.text})`));

const push = (...chunks: readonly string[]): Token[] => {
  const tokenizer = new Tokenizer();
  return chunks.flatMap((chunk) => tokenizer.push(chunk));
};

describe('Tokenizer', () => {
  test('splits a burst into its keys, none of which came alone', () => {
    const tokens = push('jjjr');
    expect(keysOf(tokens)).toEqual(['j', 'j', 'j', 'r']);
    expect(tokens.some((token) => token.type === 'key' && token.alone)).toBe(false);
  });

  test('a single key came alone', () => {
    expect(push('y')).toEqual([{ type: 'key', key: 'y', text: 'y', alone: true }]);
    expect(push('\r')).toEqual([{ type: 'key', key: 'enter', alone: true }]);
  });

  test('a y with its Enter in one chunk are two keys, neither alone', () => {
    expect(push('y\r')).toEqual([
      { type: 'key', key: 'y', text: 'y', alone: false },
      { type: 'key', key: 'enter', alone: false },
    ]);
  });

  test.each([
    ['\u001b[A', 'up'],
    ['\u001bOB', 'down'],
    ['\u001b[5~', 'pageup'],
    ['\u001b[6~', 'pagedown'],
    ['\u001b[H', 'home'],
    ['\u001b[4~', 'end'],
    ['\u0004', 'ctrl-d'],
    ['\u0015', 'ctrl-u'],
    ['\u0003', 'ctrl-c'],
    ['\u007f', 'backspace'],
    [' ', 'space'],
    ['é', 'é'],
    ['👩‍🚀', '👩‍🚀'],
  ])('%j is the key %s', (chunk, key) => {
    expect(keysOf(push(chunk))).toEqual([key]);
  });

  test('a sequence that arrives in pieces is one key', () => {
    expect(keysOf(push('\u001b', '[', 'B'))).toEqual(['down']);
  });

  test('a lone ESC is a key once nothing followed', () => {
    const tokenizer = new Tokenizer();
    expect(tokenizer.push('\u001b')).toEqual([]);
    expect(tokenizer.waiting).toBe(true);
    expect(keysOf(tokenizer.flush())).toEqual(['esc']);
    expect(tokenizer.waiting).toBe(false);
  });

  test('mouse reports, unknown sequences and Alt keys are no keys', () => {
    expect(push('\u001b[<0;10;20M', '\u001b[?1;2c', '\u001by', '\u001b[15~')).toEqual([]);
  });

  test('a marked paste is one token, however it is cut into chunks', () => {
    expect(push('\u001b[200~y\ry', 'es\u001b[201~j')).toEqual([
      { type: 'paste', text: 'y\ryes' },
      { type: 'key', key: 'j', text: 'j', alone: false },
    ]);
  });

  test('a long chunk that is not repeated moves is a paste without marks', () => {
    expect(keysOf(push('Meet me at the usual place, r'))).toEqual([
      'paste(Meet me at the usual place, r)',
    ]);
    expect(keysOf(push('j'.repeat(100)))).toHaveLength(100);
  });
});
