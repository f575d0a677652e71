import type pg from 'pg';
import { repair } from '../../prisma/tenant/seed/repair-tenant.ts';
import { cast, type Member } from './cast.ts';
import type { Fleet } from './fleet.ts';
import type { Stage } from './stage.ts';

/**
 * What is really wrong in the demo's fleet, and how it is put right: an open transaction that has read the
 * orders, and rows that the next migrations cannot accept.
 */
export class Trouble implements AsyncDisposable {
  readonly #stage: Stage;
  readonly #fleet: Fleet;
  readonly #blockers = new Map<string, pg.Client>();

  constructor(stage: Stage, fleet: Fleet) {
    this.#stage = stage;
    this.#fleet = fleet;
  }

  /** Somebody reads the orders and goes to lunch without ending the transaction. */
  async begin(): Promise<void> {
    const blocked = cast.filter((member) => member.blocked);
    await Promise.all(
      blocked.map(async ({ slug }) => {
        const client = await this.#stage.open(this.#fleet.find(slug).databaseName);
        await client.query('BEGIN; SELECT count(*) FROM orders');
        this.#blockers.set(slug, client);
      }),
    );
  }

  /** Removes the cause of one tenant's failure; says what was done. */
  async remove(member: Member): Promise<string> {
    const blocker = this.#blockers.get(member.slug);
    if (blocker !== undefined) {
      this.#blockers.delete(member.slug);
      await blocker.end();
      return 'ended the transaction that held its orders';
    }
    const client = await this.#stage.open(this.#fleet.find(member.slug).databaseName);
    try {
      await repair(client, member.health);
    } finally {
      await client.end();
    }
    if (member.health === 'duplicate') return 'merged the customers that share an address';
    return 'filled in the missing dates of its orders';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#blockers.values()].map((client) => client.end()));
  }
}
