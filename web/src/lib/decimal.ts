/** Amounts are decimal strings in plain notation, and stay strings: nothing here makes a number of them. */

export interface DecimalParts {
  negative: boolean;
  /** Integer digits in groups of three, first group short: `["125", "000"]`. */
  groups: string[];
  /** Digits after the point as they were given; null without a point. */
  fraction: string | null;
}

const PLAIN = /^(-?)(\d+)(?:\.(\d+))?$/;

/** null when the text is not a plain decimal: a page shows that as unknown, never as a number. */
export function decimalParts(text: string): DecimalParts | null {
  const match = PLAIN.exec(text);
  if (match === null) return null;
  const [, sign, digits = "", fraction] = match;
  const groups: string[] = [];
  for (let end = digits.length; end > 0; end -= 3) {
    groups.unshift(digits.slice(Math.max(0, end - 3), end));
  }
  return { negative: sign === "-", groups, fraction: fraction ?? null };
}

export function isZero(text: string): boolean {
  return /^-?0+(\.0+)?$/.test(text);
}

/** Digits after the point. */
export function decimals(text: string): number {
  return decimalParts(text)?.fraction?.length ?? 0;
}

/** The same amount with the point moved to the right, to the left where `places` is below 0; null: no plain decimal. */
export function shifted(text: string, places: number): string | null {
  const match = PLAIN.exec(text);
  if (match === null) return null;
  const [, sign = "", whole = "", fraction = ""] = match;
  const moved = Math.max(0, -places - whole.length + 1);
  const digits = "0".repeat(moved) + whole + fraction.padEnd(Math.max(0, places), "0");
  const point = moved + whole.length + places;
  const left = digits.slice(0, point).replace(/^0+(?=\d)/, "");
  const right = digits.slice(point).replace(/0+$/, "");
  return `${sign}${left}${right === "" ? "" : `.${right}`}`;
}

/** Order of two plain decimals; anything else comes before every number. */
export function compareDecimals(a: string, b: string): -1 | 0 | 1 {
  const left = magnitude(a);
  const right = magnitude(b);
  if (left === null || right === null) return left === right ? 0 : left === null ? -1 : 1;
  if (left.negative !== right.negative) return left.negative ? -1 : 1;
  const order = compareText(left, right);
  return left.negative ? flip(order) : order;
}

interface Magnitude {
  negative: boolean;
  digits: string;
  fraction: string;
}

function magnitude(text: string): Magnitude | null {
  const match = PLAIN.exec(text);
  if (match === null) return null;
  return {
    negative: match[1] === "-" && !isZero(text),
    digits: (match[2] ?? "").replace(/^0+(?=\d)/, ""),
    fraction: (match[3] ?? "").replace(/0+$/, ""),
  };
}

function compareText(a: Magnitude, b: Magnitude): -1 | 0 | 1 {
  if (a.digits.length !== b.digits.length) return a.digits.length < b.digits.length ? -1 : 1;
  if (a.digits !== b.digits) return a.digits < b.digits ? -1 : 1;
  if (a.fraction !== b.fraction) return a.fraction < b.fraction ? -1 : 1;
  return 0;
}

function flip(order: -1 | 0 | 1): -1 | 0 | 1 {
  if (order === 0) return 0;
  return order === 1 ? -1 : 1;
}
