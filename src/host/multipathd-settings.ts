import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";

/** What the running daemon goes by, as it prints it: `on` for `find_multipaths yes` since 0.8, `yes` before. */
export interface MultipathdSettings {
  readonly findMultipaths: string;
  readonly userFriendlyNames: boolean;
}

/** null where the daemon does not run and does not start to answer, as it does by its socket unit. */
export const readMultipathdSettings: ReadCommand<MultipathdSettings | null> = {
  effect: "read",
  argv: ["multipathd", "show", "config"],
  timeoutMs: 10_000,
  exitCodes: [0, 1],
  parse: ({ stdout, exitCode }) => {
    if (exitCode === 1 && !stdout.includes("{")) return null;
    const defaults = /^defaults \{\r?\n([\s\S]*?)^\}/m.exec(stdout)?.[1];
    if (defaults === undefined) throw new OutputNotUnderstood("multipathd", stdout.slice(0, 80), "defaults { … }");
    return {
      findMultipaths: settingIn(defaults, "find_multipaths"),
      userFriendlyNames: settingIn(defaults, "user_friendly_names") === "yes",
    };
  },
};

function settingIn(defaults: string, name: string): string {
  const [, value] = new RegExp(`^\\s*${name}\\s+"?([\\w-]+)"?\\s*$`, "m").exec(defaults) ?? [];
  if (value === undefined) throw new OutputNotUnderstood("multipathd", defaults.slice(0, 80), name);
  return value;
}
