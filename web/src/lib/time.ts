/** Times as people read them: local, 24 hours, the day named only when it is not today. */

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const FULL = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "long" });

export function clockTime(iso: string, now: number): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return "at an unreadable time";
  const clock = CLOCK.format(time);
  return time.toDateString() === new Date(now).toDateString() ? clock : `${DAY.format(time)}, ${clock}`;
}

/** With the time zone, for titles. */
export function fullTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : `${FULL.format(time)} (${time.toISOString()})`;
}

/** Whole units, the largest two from an hour on: `4 s`, `12 min`, `2 h 5 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

export function secondsBetween(iso: string, now: number): number {
  return Math.max(0, (now - new Date(iso).getTime()) / 1000);
}
