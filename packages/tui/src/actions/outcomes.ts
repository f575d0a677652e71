import type { FleetStore } from '../store/fleet-store.ts';
import type { UiStore } from '../store/ui-store.ts';

const good: Readonly<Record<string, string>> = {
  provisioned: 'provisioned, ACTIVE',
  migrated: 'migrated, ACTIVE',
  unchanged: 'nothing to do, it is current',
  suspended: 'SUSPENDED',
  resumed: 'resumed',
};
const bad: Readonly<Record<string, string>> = {
  failed: 'FAILED again',
  'operation-failed': 'it did not succeed',
  'rolled-back': 'rolled back',
};

/** Tells how the work ended that this terminal asked for, even when its row has left the screen. */
export class Outcomes {
  readonly #expected = new Set<string>();

  constructor({ fleet, ui }: { readonly fleet: FleetStore; readonly ui: UiStore }) {
    fleet.onChange(({ row, change }) => {
      const happy = good[change];
      const sad = bad[change];
      if ((happy ?? sad) === undefined || !this.#expected.delete(row.slug)) return;
      if (happy !== undefined) return ui.toast('done', `${row.slug}: ${happy}`);
      const { errorCode, errorMessage } = row.database ?? {};
      const why = [errorCode, errorMessage].filter(Boolean).join(' ');
      ui.toast('refused', `${row.slug}: ${sad}${why === '' ? '' : `: ${why}`}`);
    });
  }

  expect(slug: string): void {
    this.#expected.add(slug);
  }

  /** Whether its end has not been told yet. */
  isOpen(slug: string): boolean {
    return this.#expected.has(slug);
  }

  forget(slug: string): void {
    this.#expected.delete(slug);
  }
}
