import type { PresentedHost } from "../../core/host-key.ts";
import type { Inline } from "../../core/reply.ts";

type Fields = readonly (readonly [string, string | readonly Inline[]])[];

/** How a host is reached, if OpenSSH's configuration names another address or jump hosts. */
export const wayFields = ({ way }: PresentedHost): Fields => (way === null ? [] : [["reached at", way]]);

/** What an authority of known_hosts says of the host's key. */
export const certificateFields = ({ certificate }: PresentedHost): Fields =>
  certificate === null ? [] : [["certificate", certificate]];
