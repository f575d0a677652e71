import { expect, test } from 'vitest';
import { parseFleetFilter } from '@tenantctl/core/domain/fleet-filter';
import { FleetStore } from './fleet-store.ts';
import { orderOf, type ViewSpec } from './view.ts';
import { sampleFleet, sampleNow } from '../../../../test/support/sample-fleet.ts';

const everything: ViewSpec = {
  lane: 'all',
  matches: () => true,
  sort: { column: 'status', inverted: false },
};

function slugs(spec: Partial<ViewSpec>, size = 12): (string | undefined)[] {
  const fleet = new FleetStore();
  fleet.apply(sampleFleet(size), sampleNow.getTime());
  return orderOf(fleet.rows(), { ...everything, ...spec }).map((id) => fleet.row(id)?.slug);
}

test('FAILED stand on top, tenants without a database at the end', () => {
  expect(slugs({})).toEqual([
    'acme-00042',
    'globex-00817',
    'initech-01190',
    'hooli-03310',
    'umbrella-02201',
    'stark-10007',
    'wayne-00311',
    'tenant-00010',
    'tenant-00011',
    'tenant-00012',
    'oscorp-20001',
    'zorg-20002',
  ]);
});

test('a lane shows its rows only', () => {
  expect(slugs({ lane: 'MIGRATING' })).toEqual(['hooli-03310', 'umbrella-02201']);
  expect(slugs({ lane: 'NO_DATABASE' })).toEqual(['oscorp-20001', 'zorg-20002']);
});

test('the filter language works on every row, those without a database too', () => {
  const filtered = (text: string): (string | undefined)[] => {
    const holds = parseFleetFilter(text);
    return slugs({ matches: ({ filterable }) => holds(filterable, sampleNow) });
  };
  expect(filtered('error:55p03')).toEqual(['initech-01190']);
  expect(filtered('status:failed -acme')).toEqual(['globex-00817', 'initech-01190']);
  expect(filtered('tag:tier=gold')).toEqual(['oscorp-20001']);
  expect(filtered('orp')).toEqual(['oscorp-20001']);
});

test('every column sorts both ways, and equal rows stand by slug', () => {
  const byTenant = slugs({ sort: { column: 'tenant', inverted: false } });
  expect(byTenant).toEqual(byTenant.toSorted());
  expect(slugs({ sort: { column: 'tenant', inverted: true } })).toEqual(byTenant.toReversed());
  expect(slugs({ sort: { column: 'last', inverted: false } })[0]).toBe('stark-10007');
  expect(slugs({ sort: { column: 'error', inverted: false } }).slice(0, 3)).toEqual([
    'acme-00042',
    'globex-00817',
    'initech-01190',
  ]);
});
