import { Problem } from '../domain/errors.ts';
import type { Snapshot } from '../wire/stream.ts';
import { type DaemonAddress, nameOfAddress } from './daemon-address.ts';
import { openFleetStream } from './fleet-stream.ts';

type Options = {
  readonly address: DaemonAddress;
  readonly token?: string | undefined;
  /** Only these tenants (UUIDs). */
  readonly tenants?: readonly string[];
  /** Default 30 s. */
  readonly timeoutMs?: number;
};

/** The fleet as its records are now, never as the read model has it. Throws what the stream reports. */
export function readFleet(options: Options): Promise<Snapshot> {
  const { timeoutMs = 30_000, ...connection } = options;
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timeout);
      stream.close();
      settle();
    };
    const late = new Problem('DAEMON_UNREACHABLE', nameOfAddress(options.address), {
      more: `: no snapshot within ${timeoutMs / 1000} s`,
    });
    const timeout = setTimeout(() => end(() => reject(late)), timeoutMs);
    const stream = openFleetStream({
      ...connection,
      onMessage: (message) => {
        if (message.type === 'snapshot') end(() => resolve(message));
      },
      onConnection: (now) => {
        if (now.state === 'lost') end(() => reject(now.error));
      },
    });
  });
}
