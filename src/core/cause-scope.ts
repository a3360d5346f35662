/**
 * What a cause can be, from the smallest to the largest. `LUN on a host`: the array does not offer it to that host.
 * `link`: from an adapter to a port, if the adapter has several. `LUN at a port`: the array does not offer it there, to any host.
 * `bot`: its own network or clock, since all hosts show the same. `several`: parts of one thing that works in other parts.
 */
export const scopes = [
  "path",
  "LUN on a host",
  "adapter",
  "link",
  "LUN at a port",
  "LUN",
  "port",
  "storage",
  "host",
  "array",
  "bot",
  "cluster",
  "several",
] as const;
export type ScopeKind = (typeof scopes)[number];

export interface Scope {
  readonly kind: ScopeKind;
  /**
   * Unique among the scopes of its kind: `10.0.0.2:3260`, a host's UUID, `HOST-UUID host3`. Its first word may name an
   * aspect, `clock HOST-UUID`: a wrong clock of a host is not the cause of its failed paths.
   */
  readonly id: string;
}
