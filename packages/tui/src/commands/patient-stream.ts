import { type FleetMessage, openFleetStream } from '@tenantctl/core/client/fleet-stream';
import type { CommandContext } from './context.ts';

/** How long a command that waits bears a daemon that does not answer. */
const PATIENCE_MS = 60_000;

type Options = {
  readonly tenants?: readonly string[];
  readonly onMessage: (message: FleetMessage) => void;
  /** The stream is refused, was never there, or has been gone for a minute. */
  readonly onFailure: (error: Error) => void;
  /** Said when the user interrupts. */
  readonly farewell?: string;
  /** Bear an absence of any length, once it was there. */
  readonly forever?: boolean;
};

/** Follows the fleet for a command: says on stderr when the daemon is gone and when it is back. */
export function openPatientStream(
  { connection, output, signal }: CommandContext,
  { tenants, onMessage, onFailure, farewell, forever = false }: Options,
): { readonly close: () => void } {
  let wasLive = false;
  let patience: NodeJS.Timeout | undefined;
  const goodbye = () => {
    if (farewell !== undefined) output.note(farewell);
  };
  const stream = openFleetStream({
    ...connection,
    tenants,
    signal,
    onMessage,
    onConnection: (now) => {
      if (now.state === 'live') {
        if (patience !== undefined) output.note('The daemon is back.');
        clearTimeout(patience);
        patience = undefined;
        wasLive = true;
      } else if (now.state === 'lost') {
        if (!wasLive || now.error.kind !== 'world') return onFailure(now.error);
        if (patience !== undefined) return;
        output.note(`${now.error.message}. Trying again …`);
        patience = setTimeout(() => {
          if (!forever) onFailure(now.error);
        }, PATIENCE_MS);
      }
    },
  });
  signal.addEventListener('abort', goodbye, { once: true });
  return {
    close: () => {
      clearTimeout(patience);
      signal.removeEventListener('abort', goodbye);
      stream.close();
    },
  };
}
