import { expect, onTestFinished, test } from 'vitest';
import { openApiWorld } from '../../../../test/support/api-world.ts';
import { tenantctl } from '../../../../test/support/command-line.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { MemoryFleet } from '../../../../test/support/memory-fleet.ts';

const failed = {
  status: 'FAILED',
  failedOperation: 'migrate',
  failure: { code: 'MIGRATION_FAILED', message: 'null value', sqlstate: '23502' },
} as const;

/** The daemon's real API over a fleet in memory. */
async function daemonOver(fleet: MemoryFleet) {
  const world = await openApiWorld({ fleet, eventLog: fleet });
  onTestFinished(() => world[Symbol.asyncDispose]());
  return `unix:${world.socket}`;
}

function threeTenants() {
  const fleet = new MemoryFleet();
  fleet.add('acme');
  fleet.edit(fleet.add('globex').id, failed);
  fleet.add('initech');
  return fleet;
}

test('list shows those that need attention first, with glyph, word and cause', async () => {
  const daemon = await daemonOver(threeTenants());
  const { code, stdout, stderr } = await tenantctl({ words: ['list'], daemon });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [title, first, second] = stdout.split('\n');
  expect(title).toMatch(/^STATUS +TENANT +DATABASE/);
  expect(first).toMatch(/^✗ FAILED +globex .* 23502 null value$/);
  expect(second).toMatch(/^● ACTIVE +acme /);
  expect(stdout).not.toContain('\u001b');
});

test('list filters, sorts and cuts, and says that it cut', async () => {
  const daemon = await daemonOver(threeTenants());
  const words = ['list', '--filter', 'status:active', '--sort', '-tenant', '--limit', '1'];
  const { stdout, stderr } = await tenantctl({ words: [...words, '-o', 'ndjson'], daemon });
  expect(stdout.trim().split('\n')).toHaveLength(1);
  expect(JSON.parse(stdout)).toMatchObject({ tenantSlug: 'initech', status: 'ACTIVE', work: null });
  expect(stderr).toBe('1 of 2 shown.\n');
});

test('with --ascii everything is ASCII', async () => {
  const daemon = await daemonOver(threeTenants());
  const { stdout } = await tenantctl({ words: ['list', '--ascii'], daemon });
  expect(stdout).toMatch(/x FAILED/);
  expect(stdout).toMatch(/^[\x20-\x7e\n]*$/);
});

test('without a terminal, tenantctl alone prints the counts and the fleet once', async () => {
  const daemon = await daemonOver(threeTenants());
  const { code, stdout } = await tenantctl({ words: [], daemon });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^3 tenant databases: ✗ FAILED 1, ● ACTIVE 2\n/);
  expect(stdout).toContain('initech');
});

test('watch prints one line per change until it is interrupted', async () => {
  const fleet = threeTenants();
  const { id } = fleet.add('umbrella');
  const daemon = await daemonOver(fleet);
  const interrupt = new AbortController();
  let said = '';
  void tenantctl({
    words: ['watch', '-o', 'ndjson', '--filter', 'umbrella'],
    daemon,
    signal: interrupt.signal,
    onOutput: (_side, text) => {
      said += text;
    },
  });
  await eventually(() => {
    fleet.edit(id, failed);
    expect(said).not.toBe('');
  });
  interrupt.abort();
  expect(JSON.parse(said.split('\n')[0] ?? '')).toMatchObject({
    type: 'change',
    change: { kind: 'tenant-database', change: 'edited', database: { tenantSlug: 'umbrella' } },
  });
});

test('read-only, a command that changes something is refused before it is sent', async () => {
  const daemon = await daemonOver(threeTenants());
  const { code, stderr } = await tenantctl({ words: ['suspend', 'acme', '--readonly'], daemon });
  expect(code).toBe(5);
  expect(stderr).toMatch(/^error\[FORBIDDEN\]/);
});

test('migrate --all without a terminal and without --yes is not confirmed', async () => {
  const daemon = await daemonOver(threeTenants());
  const { code, stderr } = await tenantctl({ words: ['migrate', '--all'], daemon });
  expect(code).toBe(5);
  expect(stderr).toContain('error[NOT_CONFIRMED]');
  expect(stderr).toContain('(2 tenants)');
  expect(stderr).toContain('pass --yes');
});

test.each(['3\n', 'y\n', ''])(
  'in a terminal %j does not confirm a run over 2 tenants',
  async (typed) => {
    const daemon = await daemonOver(threeTenants());
    const { code, stderr } = await tenantctl({ words: ['migrate', '--all'], daemon, typed });
    expect(code).toBe(5);
    expect(stderr).toContain('Type 2 to go on');
  },
);
