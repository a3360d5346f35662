import type { Finding } from "../core/finding.ts";

/** Of a path that fails or is gone. `path`: the key of the path. */
export const pathFindingKey = (hostUuid: string, path: string): string => `path failed ${hostUuid} ${path}`;

/** The key of the path that such a finding is about; null for other findings. */
export const pathOf = ({ kind, key, hostUuid }: Pick<Finding, "kind" | "key" | "hostUuid">): string | null =>
  kind === "path failed" && hostUuid !== null ? key.slice(pathFindingKey(hostUuid, "").length) : null;
