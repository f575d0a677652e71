import type { FleetEvent } from '../../ports/event-log.ts';
import type { AuditRecord } from '../../ports/tenant-database-write-repository.ts';
import { jsonb } from '../postgres/jsonb.ts';
import type { Prisma } from './generated/client.ts';
import { outboxEventOf } from './outbox-event.ts';

/** What a command leaves behind beside the records themselves. */
export type Facts = {
  readonly audit?: AuditRecord | undefined;
  readonly events: readonly FleetEvent[];
};

/** The two arguments of the SQL function `append_facts`, as `jsonb` texts. */
export function factArguments({ audit, events }: Facts): readonly [string | null, string] {
  const entry = audit && {
    actor: audit.principal.name,
    requestId: audit.principal.requestId,
    command: audit.command,
    subjectId: audit.subjectId,
    arguments: audit.arguments,
  };
  return [entry === undefined ? null : jsonb(entry), jsonb(events.map(outboxEventOf))];
}

/**
 * Writes the audit entry and the events, numbered in the order of commits. It must be the last statement of
 * the transaction: it takes the one sequence lock, and every other command waits until the commit.
 */
export async function appendFacts(tx: Prisma.TransactionClient, facts: Facts): Promise<void> {
  await tx.$executeRawUnsafe(
    '-- prepared: append-facts\nSELECT append_facts($1::jsonb, $2::jsonb)',
    ...factArguments(facts),
  );
}
