import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { carry, cursorLine, moveBy, moveToEnd, moveToId, moveToStart, noCursor } from './cursor.ts';

const ids = (count: number): string[] => Array.from({ length: count }, (_, n) => `t${n}`);

describe('moving', () => {
  test('stops at both ends and scrolls no more than needed', () => {
    const all = ids(100);
    let cursor = moveToStart(all, 10);
    cursor = moveBy(all, cursor, -1, 10);
    expect(cursor).toEqual({ id: 't0', top: 0, line: 0 });
    cursor = moveBy(all, cursor, 12, 10);
    expect(cursor).toEqual({ id: 't12', top: 3, line: 9 });
    expect(moveToEnd(all, 10)).toEqual({ id: 't99', top: 90, line: 9 });
  });

  test('a cursor whose row was scrolled away comes back to the line it stood on', () => {
    const all = ids(100);
    const away = { id: 't90', top: 0, line: 4 };
    expect(cursorLine(all, away, 10)).toBe(-1);
    expect(moveBy(all, away, 1, 10).id).toBe('t4');
  });

  test('in an empty list there is nothing to be on', () => {
    expect(moveBy([], noCursor, 1, 10).id).toBeNull();
  });
});

describe('carry', () => {
  const all = ids(100);

  test('keeps the row when it moves, and the table where it is', () => {
    const after = ['t50', ...all.filter((id) => id !== 't50')];
    expect(carry(all, after, { id: 't3', top: 0, line: 3 }, 10)).toEqual({
      id: 't3',
      top: 0,
      line: 4,
    });
  });

  test('remembers the line when the row leaves the screen', () => {
    const after = [...all.filter((id) => id !== 't3'), 't3'];
    const carried = carry(all, after, { id: 't3', top: 0, line: 3 }, 10);
    expect(carried).toEqual({ id: 't3', top: 0, line: 3 });
    expect(cursorLine(after, carried, 10)).toBe(-1);
  });

  test('a row that is gone gives the cursor to the next one below, at the end to the one above', () => {
    const without = (gone: string): string[] => all.filter((id) => id !== gone);
    expect(carry(all, without('t3'), { id: 't3', top: 0, line: 3 }, 10).id).toBe('t4');
    expect(carry(all, without('t99'), { id: 't99', top: 90, line: 9 }, 10).id).toBe('t98');
  });

  test('an empty view does not take the cursor away', () => {
    expect(carry(all, [], { id: 't3', top: 0, line: 3 }, 10).id).toBe('t3');
  });

  test('whatever happens, a row that is still there keeps the cursor', () => {
    const order = fc.shuffledSubarray(ids(30), { minLength: 1 });
    fc.assert(
      fc.property(
        order,
        order,
        fc.nat(),
        fc.integer({ min: 1, max: 12 }),
        (before, after, n, h) => {
          const id = before[n % before.length] ?? '';
          const cursor = moveToId(before, noCursor, id, h);
          const carried = carry(before, after, cursor, h);
          if (after.includes(id)) expect(carried.id).toBe(id);
          else expect(after).toContain(carried.id);
          expect(carried.top).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });
});
