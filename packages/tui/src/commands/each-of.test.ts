import { expect, test } from 'vitest';
import { eachOf } from './each-of.ts';

test('results stand in order, however long each takes, and few are under way at once', async () => {
  let underWay = 0;
  let most = 0;
  const releases: (() => void)[] = [];
  const all = eachOf([1, 2, 3, 4, 5], 2, async (item) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise<void>((resolve) => {
      releases.push(resolve);
      // The newer of two ends first.
      if (releases.length < 2 && item < 5) return;
      for (const end of releases.splice(0).toReversed()) end();
    });
    underWay -= 1;
    return item * 10;
  });
  expect(await all).toEqual([10, 20, 30, 40, 50]);
  expect(most).toBe(2);
});

test('nothing to do is done at once', async () => {
  expect(await eachOf([], 4, async () => 1)).toEqual([]);
});
