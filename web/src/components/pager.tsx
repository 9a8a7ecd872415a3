import styles from "./pager.module.css";
import { Button } from "./ui/button";

interface Props {
  /** "" on the first page. */
  cursor: string;
  /** Null: this is the last page. */
  next: string | null;
  onCursor: (cursor: string) => void;
}

export function Pager({ cursor, next, onCursor }: Props) {
  if (cursor === "" && next === null) return null;
  return (
    <div className={styles.pages}>
      {cursor !== "" && (
        <Button small onClick={() => onCursor("")}>
          Newest
        </Button>
      )}
      {next !== null && (
        <Button small onClick={() => onCursor(next)} data-testid="older">
          Older
        </Button>
      )}
    </div>
  );
}
