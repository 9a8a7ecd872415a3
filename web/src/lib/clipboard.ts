/** False where the browser has no clipboard for this page (plain HTTP from another machine) or refuses it. */
export async function copyText(text: string): Promise<boolean> {
  // typed as always there, which it is on secure pages only
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard === undefined) return false;
  try {
    await clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
