import { Link } from "react-router";

import { PageHead } from "@/components/page-head";

export function MissingRoute() {
  return (
    <PageHead title="There is no such page" line={<Link to="/">All bots</Link>} />
  );
}
