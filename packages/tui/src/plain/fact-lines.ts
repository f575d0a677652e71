import { clean } from '../theme/cells.ts';
import type { Style } from '../theme/theme.ts';
import type { Look } from './look.ts';

/** A name, what is known under it, and how that looks. */
export type Fact = readonly [
  name: string,
  value: string | undefined | null,
  styles?: readonly Style[],
];

/** Names in one column, values in the next; what is not known is left out. */
export function factLines(facts: readonly Fact[], look: Look): string[] {
  const known = facts.filter(([, value]) => value !== undefined && value !== null && value !== '');
  const width = Math.max(0, ...known.map(([name]) => name.length));
  return known.map(([name, value, styles = []]) => {
    const shown = look.paint(clean(value ?? ''), ...styles);
    return `${look.paint(name.padEnd(width), 'dim')}  ${shown}`;
  });
}
