import { Query, type Client, type Connection } from 'pg';

export type Row = Readonly<Record<string, unknown>>;

/** How a string of several statements went, sent as one simple query. */
export type ScriptRun = {
  /** Statements that PostgreSQL completed, by its CommandComplete messages. */
  readonly completed: number;
  /** The command tag of the last of them. */
  readonly lastCommand: string | undefined;
  /** The first and the last row that any of them returned; the rows between are not kept. */
  readonly firstRow: Row | undefined;
  readonly lastRow: Row | undefined;
  /** What ended it before its end: PostgreSQL's error, or the connection's. */
  readonly error: unknown;
};

type Internals = { readonly connection: Connection };

/** Runs the statements in one simple query. Never rejects. */
export async function runScript(client: Client, sql: string): Promise<ScriptRun> {
  // node-postgres counts nothing for a query that fails, so the messages are counted where they come in.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- there since the first version, left out of the types
  const { connection } = client as unknown as Internals;
  let completed = 0;
  let lastCommand: string | undefined;
  let firstRow: Row | undefined;
  let lastRow: Row | undefined;
  const count = ({ text }: { readonly text: string }) => {
    completed += 1;
    lastCommand = text;
  };
  connection.on('commandComplete', count);
  try {
    const error = await new Promise<unknown>((resolve) => {
      const query = new Query<Row>(sql);
      query.on('row', (row) => {
        firstRow ??= row;
        lastRow = row;
      });
      query.on('error', (reason) => resolve(reason));
      query.on('end', () => resolve(undefined));
      client.query(query);
    });
    return { completed, lastCommand, firstRow, lastRow, error };
  } finally {
    connection.off('commandComplete', count);
  }
}
