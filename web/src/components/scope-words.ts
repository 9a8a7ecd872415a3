import type { Scope } from "@/api/types";

/** What a kill, hold or limit is about, at the start of a line. */
export function scopeWords(scope: Scope): string {
  switch (scope.kind) {
    case "platform":
      return "All trading";
    case "client":
      return `Client ${scope.name}`;
    case "market":
      return `Market ${scope.name}`;
    case "bot":
      return `Bot ${scope.name}`;
  }
}

/** The bots that it is about, within a sentence. */
export function botsOf(scope: Scope): string {
  switch (scope.kind) {
    case "platform":
      return "every bot of every client";
    case "client":
      return `every bot of ${scope.name}`;
    case "market":
      return `every bot on ${scope.name}`;
    case "bot":
      return scope.name;
  }
}
