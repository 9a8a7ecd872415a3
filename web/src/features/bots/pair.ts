/** `SHARP/USDT` -> `["SHARP", "USDT"]`; a text of another form is shown whole. */
export function currencies(pair: string): [string, string] | null {
  const [base, quote, ...rest] = pair.split("/");
  return base === undefined || quote === undefined || rest.length > 0 ? null : [base, quote];
}
