import fc from 'fast-check';
import { expect, test } from 'vitest';
import { movedRows } from './moved-rows.ts';

test('one row that goes to the top is one row, although all others slide', () => {
  expect(movedRows(['a', 'b', 'c', 'd'], ['d', 'a', 'b', 'c'])).toBe(1);
});

test('rows that came and rows that went count', () => {
  expect(movedRows(['a', 'b', 'c'], ['a', 'c', 'x', 'y'])).toBe(3);
});

test('nothing has moved exactly when the order is the same', () => {
  const list = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 2 }), { maxLength: 20 });
  fc.assert(
    fc.property(list, list, (shown, wanted) => {
      const same = shown.length === wanted.length && shown.every((id, at) => id === wanted[at]);
      expect(movedRows(shown, wanted) === 0).toBe(same);
    }),
  );
});
