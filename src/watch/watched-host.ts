import type { WatchedHost } from "../core/watch-facts.ts";
import { isSilent } from "./sample.ts";
import type { HostWatch } from "./watcher.ts";

/** A host of the watcher, as commands read it. */
export const watchedHost = ({ hostUuid, observed, trouble, noSpace }: HostWatch): WatchedHost => ({
  hostUuid,
  observedAt: observed && new Date(observed.atMs).toISOString(),
  silence: observed !== null && isSilent(observed) ? observed.silence : null,
  notRead:
    observed === null || isSilent(observed)
      ? []
      : [
          ...observed.notRead.flatMap(({ read, reason, isAgain }) => (isAgain ? `${read}: ${reason}` : [])),
          ...(noSpace === null ? [] : [`space of its storages: ${noSpace}`]),
        ],
  noEvents: trouble === undefined ? "the stream has not begun yet" : trouble,
});
