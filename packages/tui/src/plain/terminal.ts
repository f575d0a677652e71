import type { Readable, Writable } from 'node:stream';

type Side = { readonly isTTY?: boolean | undefined };

/** What a command line may use of its process: the three streams and the environment. */
export type Terminal = {
  readonly stdin: Readable & Side;
  readonly stdout: Writable & Side & { readonly columns?: number | undefined };
  readonly stderr: Writable & Side;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** Is there somebody who reads and can answer? */
export const isInteractive = ({ stdin, stdout }: Terminal): boolean =>
  stdin.isTTY === true && stdout.isTTY === true;
