import type { Grant, Holding } from "../core/role.ts";

interface Given {
  /** Ids of users and user groups. */
  readonly admins: readonly string[];
  /** Ids of users. They are operators of all clusters, as long as this setting is read. */
  readonly operators: readonly string[];
  readonly grants: readonly Grant[];
}

/** All that was given: by the settings first, then by people. */
export const holdingsOf = ({ admins, operators, grants }: Given): readonly Holding[] => [
  ...admins.map(
    (who): Holding => ({ who, role: "admin", clusters: "all", source: { kind: "setting", name: "ADMINS" } }),
  ),
  ...operators.map(
    (who): Holding => ({ who, role: "operator", clusters: "all", source: { kind: "setting", name: "OPERATORS" } }),
  ),
  ...grants.map(
    ({ who, role, clusters, by, at }): Holding => ({ who, role, clusters, source: { kind: "grant", by, at } }),
  ),
];
