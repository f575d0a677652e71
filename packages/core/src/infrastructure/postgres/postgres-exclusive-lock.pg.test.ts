import { once } from 'node:events';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../../../test/support/eventually.ts';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';
import { PostgresExclusiveLock } from './postgres-exclusive-lock.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const newLock = ({ url = postgres.masterUrl, heartbeatMs = 5_000 } = {}) =>
  new PostgresExclusiveLock({ url, applicationName: 'test', retryMs: 20, heartbeatMs });

const aborted = async (signal: AbortSignal) => {
  if (!signal.aborted) await once(signal, 'abort');
};

/** Holds a lock until it is told to stop; `holding` says whether it does. */
function holder(name: string, lock = newLock()) {
  const stop = new AbortController();
  const state = { holding: false };
  const held = lock.hold(name, stop.signal, async (signal) => {
    state.holding = true;
    await aborted(signal);
    state.holding = false;
  });
  // Whoever awaits it sees the rejection; until then it is no unhandled one.
  held.catch(() => undefined);
  const stopped = async () => {
    stop.abort();
    await held;
  };
  return { state, held, stop: stopped };
}

/** How many sessions there are for a lock, after doing something with each. */
const countSessions = async (name: string, what: 'pid' | 'pg_terminate_backend(pid)') => {
  const client = new pg.Client({ connectionString: postgres.masterUrl });
  await client.connect();
  const { rowCount } = await client.query(
    `SELECT ${what} FROM pg_stat_activity WHERE application_name = $1`,
    [`test:lock:${name}`],
  );
  await client.end();
  return rowCount;
};
const sessions = (name: string) => countSessions(name, 'pid');
const endSessions = (name: string) => countSessions(name, 'pg_terminate_backend(pid)');

test('one holds a lock at a time, and the next follows when it ends', async () => {
  const first = holder('follow');
  await eventually(() => expect(first.state.holding).toBe(true));
  const second = holder('follow');
  const other = holder('another name');
  await eventually(() => expect(other.state.holding).toBe(true));
  expect(second.state.holding).toBe(false);
  await first.stop();
  await eventually(() => expect(second.state.holding).toBe(true));
  await Promise.all([second.stop(), other.stop()]);
});

test('many who want it never hold it together', async () => {
  let holding = 0;
  let most = 0;
  const one = async () => {
    await newLock().hold('many', new AbortController().signal, async () => {
      holding += 1;
      most = Math.max(most, holding);
      await new Promise((resolve) => setImmediate(resolve));
      holding -= 1;
    });
  };
  await Promise.all(Array.from({ length: 8 }, one));
  expect(most).toBe(1);
});

test('who waits can be told to stop waiting', async () => {
  const first = holder('wait');
  await eventually(() => expect(first.state.holding).toBe(true));
  const second = holder('wait');
  await second.stop();
  expect(second.state.holding).toBe(false);
  await first.stop();
});

test('a holder whose connection is lost is told, and another one takes over', async () => {
  const first = holder('lost');
  await eventually(() => expect(first.state.holding).toBe(true));
  expect(await endSessions('lost')).toBe(1);
  await expect(first.held).rejects.toMatchObject({ code: 'MASTER_UNREACHABLE' });
  expect(first.state.holding).toBe(false);
  const second = holder('lost');
  await eventually(() => expect(second.state.holding).toBe(true));
  await second.stop();
});

test('a holder that only waits keeps the lock by its heartbeat', async () => {
  const lock = newLock({ heartbeatMs: 100 });
  const beats = async () => {
    const client = new pg.Client({ connectionString: postgres.masterUrl });
    await client.connect();
    const { rows } = await client.query<{ at: Date }>(
      `SELECT query_start AS at FROM pg_stat_activity WHERE application_name = 'test:lock:beat'`,
    );
    await client.end();
    return rows[0]?.at.getTime() ?? 0;
  };
  const first = holder('beat', lock);
  await eventually(() => expect(first.state.holding).toBe(true));
  const start = await beats();
  // Well beyond the 300 ms after which a silent session is ended.
  await eventually(async () => expect(await beats()).toBeGreaterThan(start + 600));
  expect(first.state.holding).toBe(true);
  await first.stop();
});

test('who waits and loses the connection is told', async () => {
  const first = holder('wait and lose');
  await eventually(() => expect(first.state.holding).toBe(true));
  const waiting = holder('wait and lose');
  await eventually(async () => expect(await sessions('wait and lose')).toBe(2));
  expect(await endSessions('wait and lose')).toBe(2);
  await expect(first.held).rejects.toMatchObject({ code: 'MASTER_UNREACHABLE' });
  await expect(waiting.held).rejects.toMatchObject({ code: 'MASTER_UNREACHABLE' });
});

test('what goes wrong under the lock is what the caller gets', async () => {
  const failing = newLock().hold('fails', new AbortController().signal, async () => {
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  const next = holder('fails');
  await eventually(() => expect(next.state.holding).toBe(true));
  await next.stop();
});

test('a master that is away is a problem of the world', async () => {
  const lock = newLock({ url: 'postgresql://nobody@127.0.0.1:1/nowhere' });
  await expect(
    lock.hold('away', new AbortController().signal, async () => undefined),
  ).rejects.toMatchObject({ code: 'MASTER_UNREACHABLE' });
});
