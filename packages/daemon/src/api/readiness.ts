/** How well the daemon is, as `GET /readyz` tells it; lags are counted in events. */
export type Readiness = {
  /** Does the master database answer? Without it the daemon is not ready. */
  readonly master: boolean;
  /** What the stream has not read yet; null when nobody knows. */
  readonly eventLag: number | null;
  /** What the read model does not show yet; null when nobody knows. */
  readonly projectorLag: number | null;
};

const TIMEOUT_MS = 2_000;
const unknown: Readiness = { master: false, eventLag: null, projectorLag: null };

/** The answer of `read`; one that fails or does not come in 2 s counts as a master that is away. */
export async function readinessWithin(read: () => Promise<Readiness>): Promise<Readiness> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Readiness>((resolve) => {
    timer = setTimeout(resolve, TIMEOUT_MS, unknown);
  });
  try {
    return await Promise.race([read().catch(() => unknown), late]);
  } finally {
    clearTimeout(timer);
  }
}
