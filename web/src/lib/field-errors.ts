/** Field errors of a refused form: by the server's field name, whether it says `spread_bps` or `config.spread_bps`. */

interface Refusal {
  readonly fields: readonly { field: string; reason: string }[];
}

export function errorOf(refusal: Refusal | null, field: string): string | undefined {
  return refusal?.fields.find((one) => one.field === field || one.field.endsWith(`.${field}`))?.reason;
}

/** Whether every field the server blames is one that this form shows. */
export function allShown(refusal: Refusal, shown: readonly string[]): boolean {
  return (
    refusal.fields.length > 0 &&
    refusal.fields.every(({ field }) => shown.some((name) => field === name || field.endsWith(`.${name}`)))
  );
}
