import type { Config } from "./config.ts";
import { durationText } from "./core/duration.ts";
import { relatedMsOf } from "./watch/matching.ts";
import { usualSettings } from "./watch/watcher.ts";

/** For a person who breaks the simulated SAN and waits for the bot. */
export function watchHint({ watch }: Pick<Config, "watch">): string {
  if (watch === null) return "The bot posts no incidents: WATCH=off.";
  const { lastsMs, quietMs } = watch.settings.damping;
  const [path, host, quiet] = [lastsMs("path failed"), lastsMs("host unreachable"), quietMs].map(durationText);
  const related = durationText(relatedMsOf(lastsMs));
  const real = durationText(usualSettings.damping.quietMs);
  return `A failed path is posted after ${path}, a silent host after ${host}. One that begins within ${related} of another may wait ${related}: both may have one cause. An incident is resolved ${quiet} after its end. With real hosts that is ${real}.`;
}
