import type { ReadCommand } from "../../core/host-command.ts";
import { ONE } from "../../core/limits.ts";
import { linesOf } from "../output.ts";

/**
 * The language of the root helper. Debian's essential package has it. In the RHEL family a package provides the file:
 * `perl-interpreter` since 8, `perl` before.
 */
export const PERL = { path: "/usr/bin/perl", packages: { debian: "perl-base", rhel: "/usr/bin/perl" } } as const;

/** Whether the host has Perl. */
export const hasPerl: ReadCommand<boolean> = {
  effect: "read",
  argv: ["ls", "--directory", "--", PERL.path],
  timeoutMs: 10_000,
  limits: ONE,
  exitCodes: [0, 2],
  parse: ({ stdout }) => linesOf(stdout).includes(PERL.path),
};
