import { usualSettings, type WatchSettings } from "../../src/watch/watcher.ts";
import { type Story, until } from "./story.ts";
import { ending, patient } from "./target.ts";

/** Everything is reported at once, and resolved after a second of quiet. */
export const quickWatch: WatchSettings = {
  ...usualSettings,
  ...{ everyMs: 2_000, failingEveryMs: 500, roundEveryMs: 200 },
  damping: { ...usualSettings.damping, lastsMs: () => 0, quietMs: 1_000 },
};

/** Waits until the watch knows each host: what a host has at its first observation is never new. */
export async function observesEachHost(story: Story): Promise<void> {
  const isObserved = ({ observedAt }: { readonly observedAt: string | null }) => observedAt !== null;
  const areObserved = () => story.bot.world.watch()?.hosts().every(isObserved) || undefined;
  if (!(await until(areObserved, patient(30_000)))) throw new Error("a host was not observed");
}

/** Waits for the incident of a failed path, and gives its id. The tutorial's SAN has other incidents from its start. */
export async function incidentOf(story: Story, wwid: string, host: string): Promise<string> {
  const title = new RegExp(`(inc-\\d+): Path sd\\w+ of LUN …${ending(wwid)} on ${host} through`);
  const message = await story.shows(title, "Warning since");
  return title.exec(JSON.stringify(message))?.[1] ?? "";
}

/** Waits for a file, and gives its text. */
export async function fileNamed(story: Story, name: string): Promise<string> {
  const found = await until(
    () => story.messages.flatMap(({ files }) => files).find((file) => file.name === name),
    patient(30_000),
  );
  if (!found) throw new Error(`no file ${name} was posted`);
  return found.text;
}
