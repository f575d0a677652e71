import { expect, test } from 'vitest';
import { clipboardEscape, enterModes } from './terminal-modes.ts';

test('what is switched is switched back, once', () => {
  const written: string[] = [];
  const before = process.listenerCount('exit');
  const leave = enterModes({ write: (text) => written.push(text) });
  expect(written.join('')).toBe('\u001b[?7l\u001b[?2004h');
  expect(process.listenerCount('exit')).toBe(before + 1);
  written.length = 0;
  leave();
  leave();
  expect(written).toHaveLength(1);
  expect(written[0]).toContain('\u001b[?7h');
  expect(written[0]).toContain('\u001b[?2004l');
  expect(process.listenerCount('exit')).toBe(before);
});

test('a terminal that is gone does not matter any more', () => {
  let gone = false;
  const leave = enterModes({
    write: () => {
      if (gone) throw new Error('EIO');
    },
  });
  gone = true;
  expect(leave).not.toThrow();
});

test('what is copied travels as base64 of UTF-8', () => {
  expect(clipboardEscape('é')).toBe('\u001b]52;c;w6k=\u0007');
});
