import { useCallback } from "react";
import { useSearchParams } from "react-router";

/** One value of the address, so that a filtered page can be kept, sent and gone back to. The default leaves the address. */
export function useUrlState<T extends string>(
  name: string,
  allowed: readonly T[],
  byDefault: T,
): [T, (value: T) => void] {
  const [params, setParams] = useSearchParams();
  const given = params.get(name);
  const value = allowed.find((one) => one === given) ?? byDefault;
  const set = useCallback(
    (next: T) => setParams((old) => withParam(old, name, next === byDefault ? null : next), { replace: true }),
    [setParams, name, byDefault],
  );
  return [value, set];
}

export function useUrlText(name: string): [string, (value: string) => void] {
  const [params, setParams] = useSearchParams();
  const set = useCallback(
    (next: string) => setParams((old) => withParam(old, name, next === "" ? null : next), { replace: true }),
    [setParams, name],
  );
  return [params.get(name) ?? "", set];
}

function withParam(old: URLSearchParams, name: string, value: string | null): URLSearchParams {
  const next = new URLSearchParams(old);
  if (value === null) next.delete(name);
  else next.set(name, value);
  return next;
}
