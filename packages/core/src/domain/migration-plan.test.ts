import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareMigrationNames,
  ledgerMarks,
  planMigrations,
  type LedgerRow,
  type MigrationPolicy,
  type PlannedMigration,
} from './migration-plan.ts';

const file = (name: string, checksum = `sum of ${name}`): PlannedMigration => ({
  name,
  checksum,
  acceptedChecksums: [checksum, `${checksum} with CRLF`],
});

const row = (migrationName: string, more: Partial<LedgerRow> = {}): LedgerRow => ({
  id: `row of ${migrationName}`,
  migrationName,
  checksum: `sum of ${migrationName}`,
  finished: true,
  rolledBack: false,
  appliedStepsCount: 1,
  logs: null,
  ...more,
});

const open = (name: string, logs: string | null, more: Partial<LedgerRow> = {}) =>
  row(name, { finished: false, appliedStepsCount: 0, logs, ...more });

const onDisk = [file('1_a'), file('2_b'), file('3_c')];

function summary(
  ledger: readonly LedgerRow[],
  more: {
    policy?: MigrationPolicy;
    upTo?: string;
    only?: ReadonlySet<string>;
    onDisk?: readonly PlannedMigration[];
  } = {},
): unknown {
  const plan = planMigrations({ ledger, onDisk, ...more });
  if (plan.kind === 'refused') return `${plan.problem.code} ${plan.problem.subject}`;
  const pending = plan.pending.map(({ migration, resume }) =>
    resume ? `${migration.name} from ${resume.appliedStepsCount}` : migration.name,
  );
  return { applied: plan.applied, pending, markRolledBack: plan.markRolledBack };
}

const nothing = { applied: [], pending: [], markRolledBack: [] };

describe('a plan', () => {
  it('holds everything for an empty ledger, in order', () => {
    expect(summary([], { onDisk: onDisk.toReversed() })).toEqual({
      ...nothing,
      pending: ['1_a', '2_b', '3_c'],
    });
  });

  it('holds what is not applied yet', () => {
    expect(summary([row('1_a')])).toEqual({
      ...nothing,
      applied: ['1_a'],
      pending: ['2_b', '3_c'],
    });
  });

  it('is empty when everything is applied', () => {
    const ledger = onDisk.map(({ name }) => row(name));
    expect(summary(ledger)).toEqual({ ...nothing, applied: ['1_a', '2_b', '3_c'] });
  });

  it('ignores rows that were rolled back', () => {
    const ledger = [row('1_a', { rolledBack: true }), open('9_z', 'x', { rolledBack: true })];
    expect(summary(ledger, { upTo: '1_a' })).toEqual({ ...nothing, pending: ['1_a'] });
  });

  it('accepts a checksum of the file with other line ends', () => {
    const ledger = [row('1_a', { checksum: 'sum of 1_a with CRLF' })];
    expect(summary(ledger, { upTo: '1_a' })).toEqual({ ...nothing, applied: ['1_a'] });
  });

  it('ends at the version it is asked for', () => {
    expect(summary([], { upTo: '2_b' })).toEqual({ ...nothing, pending: ['1_a', '2_b'] });
    expect(summary([], { upTo: '2_x' })).toBe('INVALID_INPUT 2_x');
  });

  it('holds only what it is asked for', () => {
    const plan = summary([row('1_a')], { only: new Set(['1_a', '2_b']) });
    expect(plan).toEqual({ ...nothing, applied: ['1_a'], pending: ['2_b'] });
  });
});

describe('a history that does not fit', () => {
  const edited = [row('1_a', { checksum: 'another' })];
  const missing = [row('0_gone'), row('1_a')];
  const late = [row('2_b')];
  it.each([
    ['edited', edited, 'MIGRATION_EDITED 1_a', { allowEdited: true }, ['2_b', '3_c']],
    ['missing', missing, 'MIGRATION_MISSING 0_gone', { allowMissing: true }, ['2_b', '3_c']],
    ['late', late, 'MIGRATION_OUT_OF_ORDER 1_a', { allowOutOfOrder: true }, ['1_a', '3_c']],
  ] as const)('with an %s migration is refused unless that is allowed', (...args) => {
    const [, ledger, refusal, policy, pending] = args;
    const others = { allowEdited: true, allowMissing: true, allowOutOfOrder: true };
    for (const name of Object.keys(policy)) Object.assign(others, { [name]: false });
    expect(summary(ledger)).toBe(refusal);
    expect(summary(ledger, { policy: others })).toBe(refusal);
    expect(summary(ledger, { policy })).toMatchObject({ pending });
  });
});

describe('an unfinished row', () => {
  const mark = (text: string) => `${text}\n\nDatabase error code: 22012`;
  const whole = open('2_b', mark(ledgerMarks.rolledBackWhole), { checksum: 'of the broken file' });
  const inProgress = open('2_b', ledgerMarks.statementByStatement, { appliedStepsCount: 1 });
  const stopped = open('2_b', mark(ledgerMarks.stoppedAtStatement), { appliedStepsCount: 2 });

  it('of ours that was rolled back whole is marked so, and its migration runs again', () => {
    expect(summary([row('1_a'), whole])).toEqual({
      applied: ['1_a'],
      pending: ['2_b', '3_c'],
      markRolledBack: ['row of 2_b'],
    });
  });

  it('of ours that was interrupted is taken up behind the statements that are done', () => {
    expect(summary([row('1_a'), inProgress])).toMatchObject({ pending: ['2_b from 1', '3_c'] });
  });

  it('of ours that stopped at a statement is refused unless it may be resumed', () => {
    expect(summary([row('1_a'), stopped])).toBe('MIGRATION_PARTIAL 2_b');
    const policy = { resumePartial: true };
    expect(summary([row('1_a'), stopped], { policy })).toMatchObject({
      pending: ['2_b from 2', '3_c'],
    });
  });

  it('of a file that was edited since is never resumed', () => {
    const edited = { ...inProgress, checksum: 'another' };
    expect(summary([edited], { policy: { resumePartial: true } })).toBe('MIGRATION_PARTIAL 2_b');
  });

  it.each([null, '', 'ERROR: syntax error'])('of the Prisma CLI is refused (logs %j)', (logs) => {
    const policy = { resumePartial: true, allowEdited: true, allowMissing: true };
    expect(summary([row('1_a'), open('2_b', logs)], { policy })).toBe('MIGRATION_PARTIAL 2_b');
  });
});

describe('the order of names', () => {
  it('is that of localeCompare, not of bytes', () => {
    const names = ['20250101000000_b', '20250101_a'];
    expect(names.toSorted(compareMigrationNames)).toEqual(['20250101_a', '20250101000000_b']);
    expect(names.toSorted()).toEqual(['20250101000000_b', '20250101_a']);
  });

  it('equals what Prisma computes for any folder names', () => {
    const name = fc.stringMatching(/^[0-9]{1,14}_[a-zA-Z0-9_-]{0,12}$/);
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(Math.sign(compareMigrationNames(a, b))).toBe(Math.sign(a.localeCompare(b, 'en-US')));
      }),
    );
  });
});

it('applying a plan leaves nothing to do, from any prefix of the history', () => {
  fc.assert(
    fc.property(fc.nat({ max: 8 }), fc.nat({ max: 8 }), (total, appliedCount) => {
      const files = Array.from({ length: total }, (_, index) => file(`${index}_m`));
      const ledger = files.slice(0, appliedCount).map(({ name }) => row(name));
      const plan = planMigrations({ ledger, onDisk: files });
      if (plan.kind === 'refused') throw plan.problem;
      const after = [...ledger, ...plan.pending.map(({ migration }) => row(migration.name))];
      expect(planMigrations({ ledger: after, onDisk: files })).toMatchObject({ pending: [] });
    }),
  );
});
