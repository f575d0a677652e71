import { defineConfig } from 'vitest/config';

const source = {
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
};
const nowhere = ['**/node_modules/**', '**/dist/**'];

/** A test's suffix says what it needs: nothing, a PostgreSQL server, or the whole product as processes. */
export default defineConfig({
  test: {
    projects: [
      {
        ...source,
        test: {
          name: 'unit',
          include: ['packages/**/*.test.{ts,tsx}', 'test/*.test.ts'],
          exclude: [...nowhere, '**/*.pg.test.ts', '**/*.e2e.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        ...source,
        test: {
          name: 'pg',
          include: ['packages/**/*.pg.test.ts', 'test/**/*.pg.test.ts'],
          exclude: nowhere,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        ...source,
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e.test.ts'],
          exclude: nowhere,
          globalSetup: ['test/support/build-programs.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
