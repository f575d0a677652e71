import type { FleetStore } from '../store/fleet-store.ts';
import { countOf, countText } from '../theme/amounts.ts';
import { type Confirm, newConfirm } from './confirm.ts';
import { verbs } from './perform.ts';
import { type Aim, targetOf } from './targets.ts';
import type { Tier, WorkAction } from './table.ts';

/** More rows than this at once are asked for with T2. */
const MANY = 10;
/** So many names are spelled out. */
const NAMED = 6;

/** How much is asked, for one row of a calm environment up to many rows of a protected one. */
export function tierOf(action: WorkAction, count: number, isProtected: boolean): Tier {
  if (isProtected || action.tier === 'T2' || count > MANY) return 'T2';
  if (count > 1) return action.id === 'suspend' ? 'T2' : 'T1';
  return action.tier;
}

type Asked = { readonly fleet: FleetStore; readonly nowMs: number };

const wordFor = ({ daemon }: FleetStore, count: number): string =>
  daemon?.protected === true ? daemon.name : String(count);

const namesOf = (slugs: readonly string[]): string => {
  const more = slugs.length - NAMED;
  return slugs.slice(0, NAMED).join(' ') + (more > 0 ? ` and ${countText(more)} more` : '');
};

/** The question about some rows. Its targets are fixed from here on. */
export function questionAbout(
  action: Exclude<WorkAction['id'], 'migrate-all'>,
  aim: Aim,
  tier: 'T1' | 'T2',
  { fleet, nowMs }: Asked,
): Confirm {
  const targets = aim.rows.map(targetOf);
  const slugs = targets.map(({ slug }) => slug);
  const [only] = slugs;
  const one = slugs.length === 1 && only !== undefined;
  const who = one ? only : `${countOf(slugs.length, 'tenant')} (${namesOf(slugs)})`;
  const facts = [
    one ? '' : namesOf(slugs),
    aim.hidden > 0 ? `${countText(aim.hidden)} of them are hidden by this view` : '',
    aim.leftOut > 0 ? `${countText(aim.leftOut)} left out: ${aim.reason ?? ''}` : '',
  ].filter((fact) => fact !== '');
  return newConfirm({
    tier,
    command: { action, targets },
    title:
      tier === 'T1'
        ? `${verbs[action]} ${who}`
        : `${verbs[action]} ${one ? only : countOf(slugs.length, 'tenant')}`,
    facts,
    word: wordFor(fleet, slugs.length),
    openedAtMs: nowMs,
  });
}

/** The question before a run: what it takes along and what it leaves out. */
export function questionAboutFleet({ fleet, nowMs }: Asked): Confirm {
  const active = [...fleet.rows()].filter((row) => row.lane === 'ACTIVE');
  const byVersion = new Map<string, number>();
  for (const { database } of active) {
    const version = database?.schemaVersion ?? 'no version yet';
    byVersion.set(version, (byVersion.get(version) ?? 0) + 1);
  }
  const versions = [...byVersion].toSorted(([a], [b]) => (a < b ? 1 : -1));
  const left = (lane: 'FAILED' | 'SUSPENDED' | 'MIGRATING', why: string): string[] => {
    const count = fleet.laneCounts.of(lane);
    return count === 0 ? [] : [`${amount(count)}  ${lane}, left out: ${why}`];
  };
  return newConfirm({
    tier: 'T2',
    command: { action: 'migrate-all' },
    title: `Migrate ${countOf(active.length, 'ACTIVE database')} to the newest version`,
    facts: [
      ...versions.slice(0, NAMED).map(([version, count]) => `${amount(count)}  at ${version}`),
      ...(versions.length > NAMED ? [`${''.padStart(7)}  and older ones`] : []),
      ...left('FAILED', 'retry them with r'),
      ...left('SUSPENDED', 'resume them first'),
      ...left('MIGRATING', 'already on their way'),
    ],
    word: wordFor(fleet, active.length),
    openedAtMs: nowMs,
  });
}

export function questionAboutTenant(slug: string, { fleet, nowMs }: Asked): Confirm {
  return newConfirm({
    tier: 'T2',
    command: { action: 'create-tenant', slug },
    title: `Create tenant ${slug} with a database`,
    facts: [],
    word: wordFor(fleet, 1),
    openedAtMs: nowMs,
  });
}

const amount = (count: number): string => countText(count).padStart(7);
