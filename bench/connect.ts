import pg from 'pg';

/** A session. When it is lost, its query rejects; without a listener it would end the process as well. */
export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
