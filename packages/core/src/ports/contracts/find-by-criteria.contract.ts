import { describe, expect, test } from 'vitest';
import { Criteria, type CriteriaField } from '../../domain/criteria.ts';
import type { TenantDatabaseReadRepository } from '../tenant-database-read-repository.ts';
import { day, exampleView } from './example-view.ts';

/** What `findByCriteria` of every adapter does; a part of the read repository's contract. */
export function findByCriteriaContract(
  open: () => Promise<AsyncDisposable & { readonly repository: TenantDatabaseReadRepository }>,
): void {
  describe('filters', () => {
    const fleet = [
      exampleView({
        tenantSlug: 'alpha',
        status: 'ACTIVE',
        schemaVersion: 'v1',
        createdAt: day(1),
      }),
      exampleView({
        tenantSlug: 'Alpine',
        status: 'FAILED',
        errorCode: '23502',
        createdAt: day(2),
      }),
      exampleView({ tenantSlug: 'be_ta', status: 'FAILED', errorCode: '55P03', createdAt: day(3) }),
      exampleView({
        tenantSlug: 'beeta',
        status: 'SUSPENDED',
        schemaVersion: 'v2',
        createdAt: day(4),
      }),
    ];
    const [alpha, , be_ta] = fleet;

    test.each<[Filter, string[]]>([
      [
        ['status', 'EQUALS', 'FAILED'],
        ['Alpine', 'be_ta'],
      ],
      [
        ['status', 'NOT_EQUALS', 'FAILED'],
        ['alpha', 'beeta'],
      ],
      [
        ['errorCode', 'NOT_EQUALS', '23502'],
        ['alpha', 'be_ta', 'beeta'],
      ],
      [
        ['status', 'IN', ['ACTIVE', 'SUSPENDED']],
        ['alpha', 'beeta'],
      ],
      [['status', 'IN', []], []],
      [['tenantSlug', 'LIKE', 'al%'], ['alpha']],
      [
        ['tenantSlug', 'LIKE', '%p%'],
        ['Alpine', 'alpha'],
      ],
      [
        ['tenantSlug', 'LIKE', 'be_ta'],
        ['be_ta', 'beeta'],
      ],
      [['tenantSlug', 'LIKE', 'be\\_ta'], ['be_ta']],
      [['tenantSlug', 'LIKE', 'beta'], []],
      [['tenantSlug', 'LIKE', '.*'], []],
      [
        ['schemaVersion', 'IS_NULL', true],
        ['Alpine', 'be_ta'],
      ],
      [
        ['schemaVersion', 'IS_NULL', undefined],
        ['Alpine', 'be_ta'],
      ],
      [
        ['schemaVersion', 'IS_NULL', false],
        ['alpha', 'beeta'],
      ],
      [
        ['tenantSlug', 'GREATER_THAN', 'alpha'],
        ['be_ta', 'beeta'],
      ],
      [['tenantSlug', 'LESS_THAN', 'a'], ['Alpine']],
      [['schemaVersion', 'GREATER_OR_EQUAL', 'v2'], ['beeta']],
      [['schemaVersion', 'LESS_OR_EQUAL', 'v1'], ['alpha']],
      [['createdAt', 'EQUALS', '2026-01-02T00:00:00.000Z'], ['Alpine']],
      [
        ['createdAt', 'GREATER_THAN', '2026-01-02T00:00:00.000Z'],
        ['be_ta', 'beeta'],
      ],
      [['createdAt', 'LESS_THAN', '2026-01-02T01:00:00+01:00'], ['alpha']],
      [
        ['createdAt', 'LESS_OR_EQUAL', '2026-01-02'],
        ['Alpine', 'alpha'],
      ],
      [
        ['createdAt', 'IN', ['2026-01-01', '2026-01-04T00:00:00Z']],
        ['alpha', 'beeta'],
      ],
      [
        ['lastMigrationAt', 'IS_NULL', true],
        ['Alpine', 'alpha', 'be_ta', 'beeta'],
      ],
      [['tenantId', 'EQUALS', alpha?.tenantId.toUpperCase()], ['alpha']],
      [
        ['id', 'IN', [alpha?.id ?? '', be_ta?.id ?? '']],
        ['alpha', 'be_ta'],
      ],
      [['id', 'LIKE', `${alpha?.id.slice(0, 8)}%`], ['alpha']],
      [['databaseName', 'EQUALS', "'; drop table x; --"], []],
    ])('by %j', async (filter, slugs) => {
      await using store = await open();
      await store.repository.apply(fleet.map((view) => ({ kind: 'save', view, seq: 1 })));
      const found = await find(store.repository, {
        filters: [filterOf(filter)],
        sorts: [{ field: 'tenantSlug', direction: 'ASC' }],
      });
      expect(found).toEqual(slugs);
    });

    test('and all of them hold', async () => {
      await using store = await open();
      await store.repository.apply(fleet.map((view) => ({ kind: 'save', view, seq: 1 })));
      const filters = [
        filterOf(['status', 'EQUALS', 'FAILED']),
        filterOf(['createdAt', 'GREATER_THAN', '2026-01-02']),
      ];
      expect(await find(store.repository, { filters })).toEqual(['be_ta']);
    });

    test.each<[Filter]>([
      [['createdAt', 'EQUALS', 'yesterday']],
      [['createdAt', 'LIKE', '2026%']],
      [['tenantId', 'EQUALS', 'acme']],
      [['status', 'EQUALS', ['ACTIVE']]],
      [['status', 'EQUALS', undefined]],
      [['status', 'IN', 'ACTIVE']],
      [['status', 'LIKE', ['%']]],
      [['status', 'IS_NULL', 'true']],
    ])('and refuses %j', async (filter) => {
      await using store = await open();
      const filters = [filterOf(filter)];
      await expect(find(store.repository, { filters })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        subject: filter[0],
      });
    });
  });

  describe('sorts', () => {
    const fleet = [
      exampleView({ tenantSlug: 'b', lastMigrationAt: day(2), server: 'x' }),
      exampleView({ tenantSlug: 'B', lastMigrationAt: null, server: 'x' }),
      exampleView({ tenantSlug: 'a', lastMigrationAt: day(1), server: 'y' }),
      exampleView({ tenantSlug: '_', lastMigrationAt: day(3), server: 'y' }),
    ];
    const sorted = async (...sorts: Criteria['sorts']) => {
      await using store = await open();
      await store.repository.apply(fleet.map((view) => ({ kind: 'save', view, seq: 1 })));
      return await find(store.repository, { sorts });
    };

    test('text by its bytes', async () => {
      const ascending = ['B', '_', 'a', 'b'];
      expect(await sorted({ field: 'tenantSlug', direction: 'ASC' })).toEqual(ascending);
      expect(await sorted({ field: 'tenantSlug', direction: 'DESC' })).toEqual(
        ascending.toReversed(),
      );
    });

    test('nulls before everything', async () => {
      const ascending = ['B', 'a', 'b', '_'];
      expect(await sorted({ field: 'lastMigrationAt', direction: 'ASC' })).toEqual(ascending);
      expect(await sorted({ field: 'lastMigrationAt', direction: 'DESC' })).toEqual(
        ascending.toReversed(),
      );
    });

    test('by one field after the other', async () => {
      const server = { field: 'server', direction: 'DESC' } as const;
      expect(await sorted(server, { field: 'tenantSlug', direction: 'ASC' })).toEqual([
        '_',
        'a',
        'B',
        'b',
      ]);
    });

    test('ties by id', async () => {
      const byId = fleet.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((view) => view.tenantSlug);
      expect(await sorted()).toEqual(byId);
      expect(await sorted({ field: 'status', direction: 'DESC' })).toEqual(byId);
    });
  });
}

type Filter = readonly [CriteriaField, Criteria['filters'][number]['operator'], unknown?];

const filterOf = ([field, operator, value]: Filter) =>
  Criteria.shape.filters.parse([{ field, operator, value }])[0] ?? { field, operator };

async function find(
  repository: TenantDatabaseReadRepository,
  criteria: Partial<Criteria>,
): Promise<readonly string[]> {
  const { items, total } = await repository.findByCriteria(Criteria.parse(criteria));
  expect(total).toBe(items.length);
  return items.map(({ tenantSlug }) => tenantSlug);
}
