/** Everything but the tests, each step whether or not an earlier one failed; exits 1 when one did. */
import { spawnSync } from 'node:child_process';

const steps = [
  ['types', 'typescript/bin/tsc', '-b'],
  ['lint', 'oxlint/bin/oxlint', '--type-aware', '--deny-warnings', '--quiet'],
  ['format', 'oxfmt/bin/oxfmt', '--check'],
  ['who may import whom', 'dependency-cruiser/bin/dependency-cruiser.mjs', 'packages'],
  ['unused code', 'knip/bin/knip.js'],
];

let failed = 0;
for (const [name, tool, ...args] of steps) {
  const started = performance.now();
  const command = [`node_modules/${tool}`, ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  console.log(`${status === 0 ? '✓' : '✗'} ${name} (${seconds} s)`);
  if (status === 0) continue;
  failed += 1;
  console.log(`${stdout}${stderr}`.replaceAll(/^/gm, '    '));
}
console.log(failed === 0 ? 'All is well.' : `${failed} of ${steps.length} failed.`);
process.exitCode = failed === 0 ? 0 : 1;
