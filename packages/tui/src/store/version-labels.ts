/** A migration's folder name as Prisma writes it: `20251104031500_add_plan_id`. */
const stamped = /^\d{4}(\d{4})(\d{4})(\d{2})_(.+)$/;

type Form = (version: string) => string;

const forms: readonly Form[] = [
  (version) => version.replace(stamped, '$1'),
  (version) => version.replace(stamped, '$1_$2'),
  (version) => version.replace(stamped, '$1_$2$3'),
];

/**
 * Short names for schema versions: `1104` for `20251104031500_add_plan_id`, with hour and minute where two
 * versions of the fleet would otherwise look alike. Versions that are not named like that stay whole.
 */
export function versionLabels(versions: Iterable<string>): Form {
  const known = new Set(versions);
  const unique = forms.find((form) => new Set(Array.from(known, form)).size === known.size);
  return unique ?? ((version) => version);
}

/** The part of a migration's name that a person gave it: `add_plan_id`. */
export const migrationTitle = (name: string): string => stamped.exec(name)?.[4] ?? name;
