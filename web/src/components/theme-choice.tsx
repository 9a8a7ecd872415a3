import { applyTheme, THEMES, useTheme } from "@/lib/theme";

import styles from "./theme-choice.module.css";

const LABELS = { system: "As device", light: "Light", dark: "Dark" } as const;

export function ThemeChoice() {
  const chosen = useTheme();
  return (
    <label className={styles.choice}>
      <span className="visually-hidden">Colours</span>
      <select
        value={chosen}
        data-testid="theme"
        onChange={(event) => {
          const next = THEMES.find((one) => one === event.target.value);
          if (next !== undefined) applyTheme(next);
        }}
      >
        {THEMES.map((one) => (
          <option key={one} value={one}>
            {LABELS[one]}
          </option>
        ))}
      </select>
    </label>
  );
}
