import pg from 'pg';
import { afterAll, beforeAll, expect } from 'vitest';
import { withSuperuser } from './support/ledgers.ts';
import { openShopFleet, type ShopFleet } from './support/shop-fleet.ts';
import type { Terminal } from './support/tmux.ts';
import {
  cursorOf,
  lastLine,
  openTui,
  questionIsArmed,
  rowsOf,
  statusOf,
  terminalTest,
} from './support/tui.ts';

let fleet: ShopFleet;

beforeAll(async () => {
  fleet = await openShopFleet({ shops: { acme: 'healthy', duff: 'healthy', encom: 'healthy' } });
});

afterAll(() => fleet[Symbol.asyncDispose]());

/** How the tenant's own application would connect. */
async function applicationUrl(slug: string): Promise<string> {
  const { id, databaseName } = await fleet.find(slug);
  const user = `tenant_${id}`;
  const password = 'known-to-the-test';
  await withSuperuser(fleet.postgres, 'postgres', (client) =>
    client.query(`ALTER ROLE ${pg.escapeIdentifier(user)} PASSWORD ${pg.escapeLiteral(password)}`),
  );
  return fleet.postgres.url(databaseName, { user, password });
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function press(terminal: Terminal, key: string, question: RegExp): Promise<void> {
  await terminal.keys(key);
  await terminal.until((seen) => expect(lastLine(seen, 24)).toMatch(question));
  await questionIsArmed();
  await terminal.keys('y');
}

terminalTest('s ends the sessions of a tenant and lets nobody in; u opens again', async () => {
  await using terminal = await openTui({ socket: fleet.daemon.socket, columns: 80, rows: 24 });
  await terminal.until((seen) => expect(rowsOf(seen)).toHaveLength(3));
  const url = await applicationUrl('duff');
  const neighbour = await connect(await applicationUrl('acme'));
  const working = await connect(url);
  const cut = working.query('SELECT pg_sleep(600)').catch((error: unknown) => error);

  await terminal.keys('j');
  await terminal.until((seen) => expect(cursorOf(seen)).toBe('duff'));
  await press(terminal, 's', /^Suspend duff\? +y confirm/);
  await terminal.until((seen) => {
    expect(statusOf(seen, 'duff')).toBe('SUSPENDED');
    expect(seen).toMatch(/4 ■1 +5 ●2/);
    expect(lastLine(seen, 24)).toBe('duff: SUSPENDED');
  });
  expect(await cut).toMatchObject({ code: '57P01' });
  await expect(connect(url)).rejects.toMatchObject({ code: '55000' });
  // Not even a superuser comes in.
  const byForce = fleet.inDatabase('duff', (client) => client.query('SELECT 1'));
  await expect(byForce).rejects.toMatchObject({ code: '55000' });
  await expect(neighbour.query('SELECT 1')).resolves.toBeDefined();
  await neighbour.end();

  await terminal.until((seen) => expect(cursorOf(seen)).toBe('duff'));
  await press(terminal, 'u', /^Resume duff\? +y confirm/);
  await terminal.until((seen) => {
    expect(statusOf(seen, 'duff')).toBe('ACTIVE');
    expect(seen).toMatch(/4 ■0 +5 ●3/);
    expect(lastLine(seen, 24)).toBe('duff: resumed');
  });
  const again = await connect(url);
  const { rows } = await again.query('SELECT count(*)::int AS orders FROM orders');
  expect(rows[0].orders).toBeGreaterThan(0);
  await again.end();
});
