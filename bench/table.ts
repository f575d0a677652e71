import type { Figure } from './figure.ts';
import type { Machine } from './machine.ts';

const heads = ['benchmark', 'what', 'ours', 'baseline', 'ratio', 'target', ''];

/** The figures as lines of text, the notes of each below it. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.bench,
    figure.what,
    `${amount(figure.ours)} ${figure.unit}`,
    figure.baseline === null ? '' : `${amount(figure.baseline)} ${figure.unit}`,
    figure.ratio === null ? '' : figure.ratio.toFixed(2),
    figure.target,
    figure.met ? 'met' : 'MISSED',
  ]);
  const widths = heads.map((_, column) =>
    Math.max(...[heads, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const body = rows.flatMap((row, index) => [
    line(row),
    ...(figures[index]?.notes ?? []).map((note) => `    ${note}`),
  ]);
  return [line(heads), ...body].join('\n');
}

export function machineLine(machine: Machine, postgres: string): string {
  const { cores, cpu, memoryGb, node, loadAverage } = machine;
  return (
    `${cores} cores (${cpu}), ${memoryGb} GB, Node ${node}, PostgreSQL ${postgres} with fsync, ` +
    `load average ${loadAverage} at the start`
  );
}

function amount(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}
