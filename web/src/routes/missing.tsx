import { Link } from "react-router";

import { Empty } from "@/components/ui/placeholder";

export function MissingRoute() {
  return (
    <Empty title="There is no such page">
      <p>
        <Link to="/">All bots</Link>
      </p>
    </Empty>
  );
}
