import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** A socket in front of a daemon's, on which what the daemon tells by itself can be held up. */
export interface SlowLine extends AsyncDisposable {
  readonly socket: string;
  /** Keeps back the events; questions are answered as ever. */
  hold(): void;
  /** Delivers what was kept back, and everything that follows. */
  release(): void;
}

export async function openSlowLine(daemon: string): Promise<SlowLine> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tenantctl-line-'));
  const socket = path.join(directory, 'line.sock');
  const open = new Set<Socket>();
  let held: (() => void)[] | undefined;
  const server = createServer((client) => {
    const upstream = connect(daemon);
    let isStream = false;
    for (const end of [client, upstream]) {
      open.add(end);
      end.on('error', () => undefined).on('close', () => open.delete(end));
    }
    client.once('data', (chunk) => (isStream = chunk.toString().startsWith('GET /events')));
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      const deliver = () => void client.write(chunk);
      if (isStream && held !== undefined) held.push(deliver);
      else deliver();
    });
    upstream.on('close', () => client.end());
  });
  await new Promise<void>((resolve) => {
    server.listen(socket, resolve);
  });
  return {
    socket,
    hold: () => (held = []),
    release() {
      for (const deliver of held ?? []) deliver();
      held = undefined;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const end of open) end.destroy();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
