/** Upper-case first letter: what stands within a sentence elsewhere starts one here. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
