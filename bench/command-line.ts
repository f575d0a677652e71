import { parseArgs } from 'node:util';

export const benchNames = [
  'provision',
  'migrate-all-pending',
  'migrate-all-nothing',
  'event-latency',
  'snapshot',
  'control-plane',
] as const;
export type BenchName = (typeof benchNames)[number];

export type Choice = {
  readonly names: ReadonlySet<BenchName>;
  /** Sizes of the fleet, ascending. */
  readonly tenants: readonly number[];
  readonly json: boolean;
};

const isBench = (name: string): name is BenchName => benchNames.some((known) => known === name);

/** Throws an Error with one sentence when the arguments mean nothing. */
export function readCommandLine(args: readonly string[]): Choice {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      tenants: { type: 'string', default: '200' },
      json: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.find((name) => !isBench(name));
  if (unknown !== undefined) {
    throw new Error(`"${unknown}" is no benchmark; there are ${benchNames.join(', ')}`);
  }
  const tenants = values.tenants.split(',').map(Number);
  if (!tenants.every((count) => Number.isInteger(count) && count >= 8)) {
    throw new Error(`--tenants "${values.tenants}" must be numbers from 8 up, such as 200,1000`);
  }
  const chosen = positionals.filter(isBench);
  return {
    names: new Set(chosen.length === 0 ? benchNames : chosen),
    tenants: tenants.toSorted((a, b) => a - b),
    json: values.json,
  };
}
