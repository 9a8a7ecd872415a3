/** The sign of the product: two pylons, a deck and the cable between them. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} fill="none" stroke="currentColor" strokeWidth="2.500" aria-hidden="true">
      <path d="M1 24h30M9 28V5M23 28V5" />
      <path d="M1 17c4-2 7-6 8-11 1 8 13 8 14 0 1 5 4 9 8 11" />
    </svg>
  );
}
