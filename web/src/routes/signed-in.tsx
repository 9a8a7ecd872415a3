import { useEffect } from "react";
import { Navigate, useLocation } from "react-router";

import { useMe } from "@/api/auth";
import { liveStream } from "@/api/live";
import { ProblemNote } from "@/components/problem-note";
import { Shell } from "@/components/shell";
import { Loading } from "@/components/ui/placeholder";

/** Every page behind the sign-in; the live stream stands while one of them is open. */
export function SignedIn() {
  const me = useMe();
  const { pathname, search } = useLocation();
  const somebody = me.data !== undefined && me.data !== null;
  useEffect(() => {
    if (!somebody) return;
    liveStream()?.start();
    return () => liveStream()?.stop();
  }, [somebody]);

  if (me.data === null) {
    const next = pathname + search;
    return <Navigate to={next === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(next)}`} replace />;
  }
  if (me.data === undefined) {
    return <main className="alone">{me.isError ? <ProblemNote error={me.error} /> : <Loading what="the page" />}</main>;
  }
  return <Shell me={me.data} />;
}
