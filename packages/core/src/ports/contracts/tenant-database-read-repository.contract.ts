import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Criteria } from '../../domain/criteria.ts';
import type { TenantDatabaseReadRepository } from '../tenant-database-read-repository.ts';
import { day, exampleView } from './example-view.ts';
import { findByCriteriaContract } from './find-by-criteria.contract.ts';

/** What every adapter of the port does. `open` gives an empty store of the test's own. */
export function tenantDatabaseReadRepositoryContract(
  name: string,
  open: () => Promise<AsyncDisposable & { readonly repository: TenantDatabaseReadRepository }>,
): void {
  describe(`${name} as a read repository`, () => {
    test('gives back what was saved, by id and by tenant', async () => {
      await using store = await open();
      const view = exampleView({
        failure: { code: 'MIGRATION_FAILED', message: 'no', sqlstate: '23502', statementNumber: 2 },
        work: { kind: 'item', id: randomUUID(), operation: 'migrate', attempt: 3, since: day(4) },
        lastMigrationAt: day(3),
      });
      await store.repository.save(view, 1);
      expect(await store.repository.findById(view.id)).toEqual(view);
      expect(await store.repository.findByTenantId(view.tenantId)).toEqual([view]);
    });

    test('has nothing for what it does not know', async () => {
      await using store = await open();
      expect(await store.repository.findById(randomUUID())).toBeNull();
      expect(await store.repository.findById('no uuid')).toBeNull();
      expect(await store.repository.findByTenantId(randomUUID())).toBeNull();
      expect(await store.repository.delete(randomUUID(), 1)).toBe(false);
      const { items, total } = await store.repository.findByCriteria(Criteria.parse({}));
      expect([items, total]).toEqual([[], 0]);
    });

    describe('is guarded by sequence', () => {
      test('an older save changes nothing', async () => {
        await using store = await open();
        const view = exampleView({ status: 'ACTIVE' });
        await store.repository.save(view, 7);
        await store.repository.save({ ...view, status: 'PROVISIONING' }, 6);
        expect((await store.repository.findById(view.id))?.status).toBe('ACTIVE');
        await store.repository.save({ ...view, status: 'MIGRATING' }, 8);
        expect((await store.repository.findById(view.id))?.status).toBe('MIGRATING');
      });

      test('the same save again changes nothing', async () => {
        await using store = await open();
        const view = exampleView({ status: 'ACTIVE' });
        await store.repository.save(view, 7);
        await store.repository.save({ ...view, status: 'FAILED' }, 7);
        expect((await store.repository.findById(view.id))?.status).toBe('ACTIVE');
      });

      test('an older delete deletes nothing', async () => {
        await using store = await open();
        const view = exampleView({});
        await store.repository.save(view, 7);
        expect(await store.repository.delete(view.id, 6)).toBe(false);
        expect(await store.repository.findById(view.id)).not.toBeNull();
        expect(await store.repository.delete(view.id, 8)).toBe(true);
        expect(await store.repository.delete(view.id, 8)).toBe(false);
        expect(await store.repository.findById(view.id)).toBeNull();
      });

      test('an older save does not bring back what was deleted, a newer one does', async () => {
        await using store = await open();
        const view = exampleView({});
        await store.repository.save(view, 7);
        await store.repository.delete(view.id, 9);
        await store.repository.save(view, 8);
        expect(await store.repository.findById(view.id)).toBeNull();
        await store.repository.save(view, 10);
        expect(await store.repository.findById(view.id)).toEqual(view);
        await store.repository.delete(view.id, 9);
        expect(await store.repository.findById(view.id)).toEqual(view);
      });

      test('a record that was deleted before it was ever seen stays away', async () => {
        await using store = await open();
        const view = exampleView({});
        await store.repository.delete(view.id, 9);
        await store.repository.save(view, 8);
        expect(await store.repository.findById(view.id)).toBeNull();
      });

      test('of many writers at once the newest wins', async () => {
        await using store = await open();
        const view = exampleView({});
        const writes = Array.from({ length: 30 }, (_, n) => n + 1)
          .toSorted((a, b) => ((a * 7) % 31) - ((b * 7) % 31))
          .map((seq) => store.repository.save({ ...view, revision: seq }, seq));
        await Promise.all(writes);
        expect((await store.repository.findById(view.id))?.revision).toBe(30);
      });
    });

    test('applies many changes as if one by one, deletions first', async () => {
      await using store = await open();
      const [kept, gone, stale] = [exampleView({}), exampleView({}), exampleView({})];
      await store.repository.save(gone, 1);
      await store.repository.save(stale, 9);
      // The tenant of the one that goes gets a new database in the same batch.
      const next = exampleView({ tenantId: gone.tenantId });
      await store.repository.apply([
        { kind: 'save', view: kept, seq: 2 },
        { kind: 'save', view: next, seq: 4 },
        { kind: 'delete', id: gone.id, seq: 3 },
        { kind: 'save', view: { ...stale, status: 'FAILED' }, seq: 5 },
      ]);
      await store.repository.apply([]);
      expect(await store.repository.findByTenantId(gone.tenantId)).toEqual([next]);
      expect(await store.repository.findById(kept.id)).toEqual(kept);
      expect(await store.repository.findById(stale.id)).toEqual(stale);
    });

    test('keeps the cursor, from 0', async () => {
      await using store = await open();
      expect(await store.repository.cursor()).toBe(0);
      await store.repository.saveCursor(41);
      await store.repository.saveCursor(42);
      expect(await store.repository.cursor()).toBe(42);
    });

    findByCriteriaContract(open);

    test('pages without gaps or repeats, and counts all', async () => {
      await using store = await open();
      const fleet = Array.from({ length: 25 }, () => exampleView({}));
      await store.repository.apply(fleet.map((view) => ({ kind: 'save', view, seq: 1 })));
      const ids: string[] = [];
      for (const page of [1, 2, 3, 4]) {
        const criteria = Criteria.parse({ pagination: { page, limit: 10 } });
        const found = await store.repository.findByCriteria(criteria);
        expect(found).toMatchObject({ total: 25, page, limit: 10 });
        ids.push(...found.items.map(({ id }) => id));
      }
      expect(ids).toEqual(fleet.map(({ id }) => id).toSorted());
    });
  });
}
