import { setTimeout as delay } from 'node:timers/promises';
import type { Client, Connection } from 'pg';

const patienceMs = 5_000;

type Internals = { readonly connection: Connection };

/** Says goodbye and waits until the connection is closed; a server that does not answer is left after 5 s. */
export async function closeSession(client: Client): Promise<void> {
  const patience = new AbortController();
  const destroy = delay(patienceMs, undefined, { signal: patience.signal, ref: false }).then(
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- left out of the types
    () => (client as unknown as Internals).connection.stream.destroy(),
    () => {},
  );
  await Promise.race([client.end().catch(() => {}), destroy]);
  patience.abort();
}
