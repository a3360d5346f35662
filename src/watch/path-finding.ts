import type { Finding } from "../core/finding.ts";

/** Of a path that fails or is gone. `path`: the key of the path. */
export const pathFindingKey = (hostUuid: string, path: string): string => `path failed ${hostUuid} ${path}`;

/** Of a WWID of which the paths may lead to two LUNs on a host. */
export const twoLunsFindingKey = (hostUuid: string, wwid: string): string => `one name, two LUNs ${hostUuid} ${wwid}`;

/** The key of the path that such a finding is about; null for other findings. */
export const pathOf = ({ kind, key, hostUuid }: Pick<Finding, "kind" | "key" | "hostUuid">): string | null =>
  kind === "path failed" && hostUuid !== null ? key.slice(pathFindingKey(hostUuid, "").length) : null;
