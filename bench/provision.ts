import { TEMPLATE_PREFIX } from '@tenantctl/core/infrastructure/provisioning/names';
import type pg from 'pg';
import type { Figure } from './figure.ts';
import type { Fleet } from './fleet.ts';
import { inParallel } from './in-parallel.ts';
import { measurePairs } from './pairs.ts';

/** As many operations as a daemon carries out at once. */
const AT_ONCE = 4;
const RATIO = 0.5;
const PAIRS = 4;

/** Grows the fleet to `tenants` in a few steps, each against as many bare copies of the same template. */
export async function provision(fleet: Fleet, tenants: number): Promise<Figure> {
  const step = Math.max(1, Math.floor((tenants - fleet.size) / PAIRS));
  await using copies = await BareCopies.open(fleet);
  const { ours, baseline, ratio, spread } = await measurePairs(PAIRS, {
    ours: async () => (step * 1000) / (await fleet.growTo(fleet.size + step)),
    baseline: async () => (step * 1000) / (await copies.make(step)),
  });
  const migrations = await fleet.migrations.count();
  return {
    bench: 'provision',
    what: `${step * PAIRS} tenants, ${migrations} migrations`,
    unit: 'tenants/s',
    ours,
    baseline,
    ratio,
    target: `≥ ${RATIO}`,
    met: ratio >= RATIO,
    notes: [`${spread}, ${step} tenants each`],
  };
}

/** `CREATE DATABASE` over connections that are kept open, and nothing else: no role, no privileges, no record. */
class BareCopies implements AsyncDisposable {
  readonly #fleet: Fleet;
  readonly #clients: readonly pg.Client[];
  readonly #template: string;

  private constructor(fleet: Fleet, clients: readonly pg.Client[], template: string) {
    this.#fleet = fleet;
    this.#clients = clients;
    this.#template = template;
  }

  static async open(fleet: Fleet): Promise<BareCopies> {
    const connections = Array.from({ length: AT_ONCE }, () => fleet.provisioner());
    const clients = await Promise.all(connections);
    const found = await clients[0]?.query<{ name: string }>(
      'SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)',
      [TEMPLATE_PREFIX],
    );
    return new BareCopies(fleet, clients, found?.rows[0]?.name ?? '');
  }

  /** Milliseconds for `count` copies; they are dropped again. */
  async make(count: number): Promise<number> {
    const names = Array.from({ length: count }, (_, index) => `bench_copy_${index}`);
    await this.#fleet.server.checkpoint();
    const tookMs = await this.#inEach(
      names,
      (name) => `CREATE DATABASE "${name}" TEMPLATE "${this.#template}" STRATEGY wal_log`,
    );
    await this.#inEach(names, (name) => `DROP DATABASE "${name}"`);
    return tookMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.end()));
  }

  #inEach(names: readonly string[], sql: (name: string) => string): Promise<number> {
    const free = [...this.#clients];
    return inParallel(names, AT_ONCE, async (name) => {
      const client = free.pop();
      if (client === undefined) throw new Error('there is a connection for each of them');
      await client.query(sql(name));
      free.push(client);
    });
  }
}
