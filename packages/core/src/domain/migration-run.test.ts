import { expect, test } from 'vitest';
import { endStateOf, FrozenMigration, ItemCounts } from './migration-run.ts';

const counts = (over: Partial<ItemCounts> = {}): ItemCounts => ({
  pending: 0,
  running: 0,
  done: 0,
  unchanged: 0,
  failed: 0,
  skipped: 0,
  ...over,
});

test.each<[Partial<ItemCounts>, string]>([
  [{}, 'completed'],
  [{ done: 48 }, 'completed'],
  [{ unchanged: 48 }, 'completed'],
  [{ done: 40, skipped: 8 }, 'completed'],
  [{ done: 47, failed: 1 }, 'completed-with-failures'],
  [{ failed: 48 }, 'completed-with-failures'],
])('a run with %j has %s', (over, state) => {
  expect(endStateOf(counts(over))).toBe(state);
});

test('every state of an item is counted', () => {
  const { skipped: _, ...incomplete } = counts();
  expect(ItemCounts.safeParse(incomplete).success).toBe(false);
  expect(ItemCounts.safeParse(counts({ done: -1 })).success).toBe(false);
});

test('a frozen migration has the SHA-256 of its file', () => {
  const name = '20260301_init';
  expect(FrozenMigration.safeParse({ name, checksum: 'a'.repeat(64) }).success).toBe(true);
  expect(FrozenMigration.safeParse({ name, checksum: 'a'.repeat(63) }).success).toBe(false);
});
