import { expect, test } from 'vitest';
import { migrationTitle, versionLabels } from './version-labels.ts';

test('a version is called by its day', () => {
  expect(versionLabels(['20251104031500_add_accounts'])('20251104031500_add_accounts')).toBe(
    '1104',
  );
});

test('two of one day are told apart by the time, two of one minute by the second', () => {
  const day = ['20251104031500_a', '20251104120000_b'];
  expect(day.map(versionLabels(day))).toEqual(['1104_0315', '1104_1200']);
  const minute = ['20250101000000_a', '20250101000001_b'];
  expect(minute.map(versionLabels(minute))).toEqual(['0101_000000', '0101_000001']);
});

test('no two versions ever share a label', () => {
  const years = ['20241104031500_a', '20251104031500_b'];
  expect(new Set(years.map(versionLabels(years))).size).toBe(2);
});

test('other names stay whole', () => {
  expect(versionLabels(['0001_init'])('0001_init')).toBe('0001_init');
  expect(migrationTitle('20251104031500_add_accounts')).toBe('add_accounts');
  expect(migrationTitle('0001_init')).toBe('0001_init');
});
