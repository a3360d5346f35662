import type { Config } from "./config.ts";
import { durationText } from "./core/duration.ts";
import { usualSettings } from "./watch/watcher.ts";

/** For a person who breaks the simulated SAN and waits for the bot. */
export function watchHint({ watch }: Pick<Config, "watch">): string {
  if (watch === null) return "The bot posts no incidents: WATCH=off.";
  const { lastsMs, quietMs } = watch.settings.damping;
  const [path, host, quiet] = [lastsMs("path failed"), lastsMs("host unreachable"), quietMs].map(durationText);
  const real = durationText(usualSettings.damping.quietMs);
  return `A failed path is posted after ${path}, a silent host after ${host}. An incident is resolved ${quiet} after its end. With real hosts that is ${real}.`;
}
