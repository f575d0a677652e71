import type { Lane } from '../store/fleet-row.ts';
import type { Glyphs } from './glyphs.ts';
import type { Style } from './theme.ts';

/** A lane is always told three times: by a glyph, by a word and by a colour. */
export type LaneLook = {
  readonly glyph: Exclude<keyof Glyphs, 'bar' | 'box'>;
  readonly word: string;
  /** In at most nine cells. */
  readonly short: string;
  readonly styles: readonly Style[];
};

export const laneLooks: Readonly<Record<Lane, LaneLook>> = {
  FAILED: { glyph: 'failed', word: 'FAILED', short: 'FAILED', styles: ['red', 'bold'] },
  MIGRATING: { glyph: 'migrating', word: 'MIGRATING', short: 'MIGRATING', styles: ['yellow'] },
  PROVISIONING: {
    glyph: 'provisioning',
    word: 'PROVISIONING',
    short: 'PROVISION',
    styles: ['cyan'],
  },
  SUSPENDED: { glyph: 'suspended', word: 'SUSPENDED', short: 'SUSPENDED', styles: ['dim'] },
  ACTIVE: { glyph: 'active', word: 'ACTIVE', short: 'ACTIVE', styles: ['green'] },
  NO_DATABASE: { glyph: 'noDatabase', word: 'NO DATABASE', short: 'NO DB', styles: ['dim'] },
};
