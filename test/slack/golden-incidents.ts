import { it } from "vitest";
import { commands } from "../../src/all-commands.ts";
import type { Incident, IncidentEvent } from "../../src/core/incident.ts";
import { emptyInventory, type Inventory } from "../../src/core/inventory.ts";
import type { Reply } from "../../src/core/reply.ts";
import { coveredReply } from "../../src/flow/covered-findings.ts";
import { awayNotice, backNotice } from "../../src/flow/forward-notice.ts";
import { NextButtons } from "../../src/flow/next-buttons.ts";
import { watchNotice } from "../../src/flow/watch-notice.ts";
import { messageOf } from "../../src/slack/blocks.ts";
import { incidentReply } from "../../src/watch/incident-reply.ts";
import { threadReply } from "../../src/watch/thread-reply.ts";
import { alice, bob, type Story } from "../scenario/story.ts";
import { luns } from "../scenario/target.ts";
import { fileNamed, incidentOf, quickWatch } from "../scenario/watch-words.ts";
import { uuid } from "../store/samples.ts";
import { sampleIncident } from "../watch/sample-incident.ts";
import type { GoldenBook } from "./golden-book.ts";

const HOST1 = "sharedblock-host1";
const CHANNEL = "C0STORAGE";
const at = "2026-11-29T10:00:00.000Z";
const nowMs = Date.parse("2026-11-29T10:10:00.000Z");
const later = "2026-11-29T10:20:00.000Z";
const wwid = "36b083fe000daf018000015505abbe00a";
const onCall = { onCall: ["U0ALICE01", "S0ONCALL1"], escalateTo: ["U0BOB0001"] };

const inventory: Inventory = {
  ...emptyInventory,
  zones: [{ uuid: uuid(1), name: "ZONE-1" }],
  clusters: [{ uuid: "c".repeat(32), name: "cluster-1", zoneUuid: uuid(1) }],
  hosts: [
    {
      ...{ uuid: "a".repeat(32), name: HOST1, clusterUuid: "c".repeat(32), address: "10.0.0.11", port: 22 },
      ...{ user: "root", hostKeySha256: "SHA256:x", sanlockHostId: 1 },
    },
  ],
  primaryStorages: [
    {
      ...{ uuid: uuid(3), name: "ps-1", description: "", state: "Enabled", zoneUuid: uuid(1) },
      clusterUuids: ["c".repeat(32)],
      sharedBlocks: [{ wwid, sizeBytes: 1024 ** 4, addedAt: at, heldWhenClaimed: [] }],
    },
  ],
};
const event = (kind: IncidentEvent["kind"], text: string, by: string | null = null): IncidentEvent => ({
  at,
  kind,
  by,
  text,
});

const findingOf = (kind: "map without paths" | "storage full" | "size changed", text: string) => ({
  ...{ key: kind, kind, severity: kind === "size changed" ? ("info" as const) : ("critical" as const) },
  ...{ clusterUuid: "c".repeat(32), hostUuid: "a".repeat(32), wwid, storageUuid: uuid(3), text, since: at },
  ...(kind === "map without paths" && { pathsLeft: 0 }),
});

const warning = sampleIncident({ at });
const critical = sampleIncident({
  ...{ at, severity: "critical", worstSeverity: "critical", vms: ["vm-db", "vm-web"] },
  scope: { kind: "LUN on a host", id: `${wwid} ${"a".repeat(32)}` },
  findings: [
    ...warning.findings.map((finding) => ({ ...finding, storageUuid: uuid(3) })),
    { ...findingOf("map without paths", `LUN …bbe00a on ${HOST1}: no path left`), pathsLeft: 0 },
  ],
  events: [...warning.events, event("mentioned", "")],
});
const full = sampleIncident({
  ...{ at, severity: "critical", worstSeverity: "critical", scope: { kind: "storage", id: `capacity ${uuid(3)}` } },
  findings: [{ ...findingOf("storage full", "ps-1 is 96 % full: 40 GiB of 1 TiB free"), hostUuid: null }],
});
const grown = sampleIncident({
  ...{ at, severity: "info", worstSeverity: "info", scope: { kind: "LUN", id: wwid } },
  findings: [findingOf("size changed", "LUN …bbe00a on the array has 2 TiB, and 1 TiB is used")],
});
const taken: Incident = {
  ...critical,
  ...{ acknowledged: { by: "U0ALICE01", at }, assigned: "U0BOB0001", backAt: [at, at, at] },
  silenced: { by: "U0ALICE01", until: later, reason: "array *under* <repair>", severity: "critical" },
};
const over: Incident = {
  ...warning,
  ...{ state: "resolved", quietAt: later, resolvedAt: later, findings: [], shownFindings: warning.findings },
};

/** Each kind of an incident's message, and of a post in its thread. */
const messages: Readonly<Record<string, Reply>> = {
  "incident-warning": incidentReply(warning, inventory, nowMs, onCall),
  "incident-critical": incidentReply(critical, inventory, nowMs, onCall),
  "incident-full": incidentReply(full, inventory, nowMs, onCall),
  "incident-info": incidentReply(grown, inventory, nowMs, onCall),
  "incident-taken": incidentReply(taken, inventory, nowMs, onCall),
  "incident-escalated": incidentReply(
    { ...critical, events: [...critical.events, event("escalated", "")] },
    inventory,
    nowMs,
    onCall,
  ),
  "incident-shares-luns": incidentReply({ ...critical, sharesWith: ["inc-3"] }, inventory, nowMs, onCall),
  "incident-resolved": incidentReply(over, inventory, nowMs, onCall),
  "incident-ended-unobserved": incidentReply({ ...over, lastSeenAt: at }, inventory, nowMs, onCall),
  "incident-resolved-by-hand": incidentReply(
    { ...over, held: [], events: [event("resolved", "host1 is switched off", "U0ALICE01")] },
    inventory,
    nowMs,
    onCall,
  ),
  "incident-thread-grew": threadReply(
    critical,
    [event("grew", "2 findings"), event("worse", "no path left"), event("note", "the switch", "U0BOB0001")],
    [],
    inventory,
  ),
  "incident-thread-call": threadReply(critical, [event("mentioned", "")], onCall.onCall, inventory),
  "incident-thread-back": threadReply(
    { ...critical, acknowledged: { by: "U0ALICE01", at } },
    [event("back", "no path left")],
    ["U0ALICE01"],
    inventory,
  ),
  "audit-not-forwarded": awayNotice({
    ...{ setting: "AUDIT_SYSLOG", receiver: "syslog+tls://log.example.org:6514", sinceMs: Date.parse(at) },
    ...{ problem: "connect ECONNREFUSED 192.0.2.1:6514", waiting: 14 },
  }),
  "audit-forwarded-again": backNotice({
    ...{ setting: "AUDIT_SYSLOG", receiver: "syslog+tls://log.example.org:6514", sinceMs: Date.parse(at) },
  }),
  "watch-file-damaged": watchNotice(
    "/data/incidents.json is not understood: it is not JSON. It is kept as /data/incidents.json.damaged-1.",
  ),
  "incident-thread-flapping": threadReply(warning, [event("flapping", "back 3 times in 10 minutes")], [], inventory),
  "incident-thread-assigned": threadReply(taken, [event("assigned", "U0BOB0001", "U0ALICE01")], [], inventory),
  "incident-thread-alert": threadReply(
    warning,
    [event("alert", '"NodeNetwork" on host1 fires ("warning"): "15 % packets lost"')],
    [],
    inventory,
  ),
  "incident-thread-break-glass": threadReply(
    critical,
    [
      event("note", "the switch", "U0BOB0001"),
      {
        ...event("break-glass", "Add ps-1 to cluster-1 (op-1) may run without a second person, rev-1: nobody answers"),
        ...{ by: "U0BOB0001", ref: "op-1" },
      },
    ],
    [],
    inventory,
  ),
  "operation-causes": coveredReply("op-1 causes this", [
    `Path sdc of LUN …bbe00a on ${HOST1}: failed faulty`,
    "map degraded",
  ]),
  "pause-covers": coveredReply("The watch of cluster-1 is paused", [
    `Path sdc of LUN …bbe00a on ${HOST1}: failed faulty`,
  ]),
  "maintenance-covers": coveredReply("ps-1 is in maintenance", [`Path sdc of LUN …bbe00a on ${HOST1}: failed faulty`]),
  "incident-thread-resolved": threadReply(over, [event("resolved", "")], [], inventory),
};

export function tellsOfIncidents(now: () => { story: Story; book: GoldenBook }): void {
  it("of incidents, and of posts in their threads", async () => {
    const { book } = now();
    const buttons = new NextButtons(commands, "0".repeat(64));
    for (const [name, reply] of Object.entries(messages)) {
      const nextButtons = buttons.of(reply);
      const { text, blocks } = messageOf({ reply, ...(nextButtons.length > 0 && { nextButtons }) }, true);
      await book.keepsAnswer(name, { message: { text, blocks } });
    }
  });

  it("of answers about incidents and the watch", async () => {
    const { story, book } = now();
    await book.asks("watch-off", "incident ack inc-1", "the bot is not running, or it runs with WATCH=off");
    await story.restartsBot(undefined, { watch: { channel: null, settings: quickWatch } });
    await story.hosts.failsPath(luns.blank, HOST1);
    const id = await incidentOf(story, luns.blank, HOST1);
    book.forgets();
    await story.says(`/zstack incident report ${id}`);
    await fileNamed(story, `${id}.md`);
    await story.says(`/zstack incident report ${id}`);
    await book.keepsSent("incident-report-asked", "it is in the thread");
    story.workspace.changeChannel(CHANNEL, { without: [bob] });
    const inSlack = { slack: story.workspace, operators: [alice], channels: [CHANNEL] };
    await story.restartsBot(undefined, { ...inSlack, watch: { channel: null, settings: quickWatch } });
    await book.asks("incident-assigned-outside", `incident assign ${id} @${bob}`, "assigned", "is no operator");
    await book.asks("watch-pause", 'watch pause cluster-1 for=2h reason="switch replaced"', "is paused for");
    // The watch continues, and may post an incident at any time, so the answer need not be the last message.
    for (const [name, shown] of [
      ["watch-resume", "continues"],
      ["watch-not-paused", "is not paused"],
    ] as const) {
      book.forgets();
      await story.says("/zstack watch resume cluster-1");
      await book.keepsSent(name, shown);
    }
  });
}
