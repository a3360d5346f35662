import type { AccessFacts } from "../core/access-facts.ts";
import type { Facts } from "../core/facts.ts";
import { clusterNamed } from "../core/find.ts";
import { Refusal, reason } from "../core/refusal.ts";
import type { Cell, Reply } from "../core/reply.ts";
import type { Acting } from "../core/watch-facts.ts";
import { channelName } from "./bound-channels.ts";

interface Bound {
  readonly cluster: string;
  readonly channel: string;
}

/** From now on the cluster is changed only there. A plan of it that waits elsewhere can't be confirmed any more. */
export async function bindChannel({ cluster, channel }: Bound, facts: Facts, acting: Acting): Promise<Reply> {
  clusterNamed(facts.inventory, cluster);
  const { access } = acting;
  await access.learnNames([channel]);
  const name = channelName(channel, access.nameOf);
  const { channelsServed } = access;
  if (channelsServed.length > 0 && !channelsServed.includes(channel))
    throw new Refusal(
      `${cluster} can't be bound to ${name}`,
      reason(
        "NOT_IN_CHANNEL",
        `the bot serves only ${channelsServed.join(", ")} (CHANNELS)`,
        "choose one of these channels",
      ),
    );
  await refuseWithoutBot({ cluster, channel }, name, access);
  const bound = { cluster, channel, by: acting.by, at: new Date(facts.now()).toISOString() };
  const before = await access.changeChannels((all) => {
    const same = all.find((each) => each.cluster === cluster);
    if (same?.channel === channel) return [all, same];
    return [[...all.filter((each) => each !== same), bound], same ?? null];
  });
  const isSame = before?.channel === channel;
  return {
    title: isSame ? `${cluster} was bound to ${name} before` : `${cluster} is changed only in ${name} now`,
    tone: "good",
    parts: [
      {
        kind: "text",
        text: "Everybody may still read about it in the other channels. The bot must stay a member there.",
      },
      ...(before === null || isSame
        ? []
        : [{ kind: "text" as const, text: `Before, it was bound to ${channelName(before.channel, access.nameOf)}.` }]),
    ],
    next: ["channel list"],
  };
}

/** Without the bot in its channel nobody could change the cluster. If Slack gives no answer, the answer is no. */
async function refuseWithoutBot({ cluster, channel }: Bound, name: string, access: AccessFacts): Promise<void> {
  const headline = `${cluster} can't be bound to ${name}`;
  const words = `channel bind ${cluster} #${channel}`;
  const membership = await access.membershipOf(channel).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    const said = `Slack did not say whether the bot is a member of ${name} (${why})`;
    const fix = why.includes("missing_scope")
      ? "give the app the scopes channels:read and groups:read, then reinstall it"
      : "send it again in a moment";
    throw new Refusal(headline, reason("MEMBERSHIP_UNKNOWN", said, fix));
  });
  if (membership === "member") return;
  const why =
    membership === "direct"
      ? reason("DIRECT_MESSAGE", "nothing is changed in a direct message", "choose a channel")
      : reason("NOT_IN_CHANNEL", `the bot is not a member of ${name}`, `invite the bot to ${name}`, { run: words });
  throw new Refusal(headline, why);
}

export async function unbindChannel({ cluster }: Pick<Bound, "cluster">, _: Facts, acting: Acting): Promise<Reply> {
  const { access } = acting;
  const before = await access.changeChannels((all) => {
    const same = all.find((each) => each.cluster === cluster);
    if (same === undefined)
      throw new Refusal(`${cluster} can't be unbound`, reason("NOTHING_TO_DO", "it is bound to no channel"), {
        next: ["channel list"],
      });
    return [all.filter((each) => each !== same), same];
  });
  return {
    title: `${cluster} is changed in every channel of the bot now`,
    tone: "good",
    parts: [{ kind: "text", text: `Before, it was changed only in ${channelName(before.channel, access.nameOf)}.` }],
    next: ["channel list"],
  };
}

export async function channelListReply(_: object, { access, inventory }: Facts): Promise<Reply> {
  await access.learnNames(access.channels().map(({ channel }) => channel));
  const known = new Set(inventory.clusters.map(({ name }) => name));
  const rows = access
    .channels()
    .map(({ cluster, channel, by, at }): readonly Cell[] => [
      known.has(cluster) ? cluster : `${cluster} (not in the inventory)`,
      channelName(channel, access.nameOf),
      `${access.nameOf(by) ?? by}, ${at.slice(0, 10)}`,
    ]);
  return {
    title:
      rows.length === 0
        ? "No cluster is bound to a channel"
        : `${rows.length === 1 ? "1 cluster is" : `${rows.length} clusters are`} bound to a channel`,
    tone: "plain",
    parts: [
      ...(rows.length === 0
        ? []
        : [{ kind: "table" as const, columns: ["cluster", "changed only in", "bound by"], rows }]),
      {
        kind: "text",
        text: "Other clusters are changed in every channel of the bot. Nothing is changed in a direct message.",
      },
    ],
    next: ["role list"],
  };
}
