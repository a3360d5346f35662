import type { PageMessage, PageState, PageView } from "../../src/workspace/page-protocol.ts";
import { buttons, code, context, divider, header, input, mrkdwn, plainSection, rich, table } from "./fixture-blocks.ts";
import { completions } from "./fixture-completions.ts";

/** A morning in the channel, as a fixture: what the page must show, in realistic words and sizes. */

export const alice = { id: "U0ALICE", name: "alice" };
export const bob = { id: "U0BOB", name: "bob" };
export const bot = { id: "U0ZSTACK", name: "zstack" };
const wwid = "36b083fe000daf018000015505abbe00a";

/** Today at ten, so that times are shown without a date. */
const ten = new Date().setHours(10, 0, 0, 0) / 1000;
export const tsAt = (minute: number, second = 0): string => (ten + minute * 60 + second).toFixed(6);

export const message = (ts: string, message: Partial<PageMessage>): PageMessage => ({
  ts,
  threadTs: null,
  inChannelToo: false,
  author: bot.id,
  text: "",
  blocks: [],
  files: [],
  edited: false,
  onlyFor: null,
  ...message,
});

export const planTs = tsAt(14);
export const plan = message(planTs, {
  text: "Add 36b083fe000daf018000015505abbe00a to cluster-1 as ps-1",
  blocks: [
    header("⚠️ Add 36b083fe000daf018000015505abbe00a to cluster-1 as ps-1"),
    rich("Asked by ", { user: alice.id }, ". Nothing runs until someone confirms. This plan ends at 10:24."),
    rich({ bold: "What every host sees" }),
    table(
      ["Host", "Map", "Device", "Vendor", "Model", "Size", "Paths", "Holds", "Mounted", "In use by"],
      ["sharedblock-host1", "mpatha", "dm-2", "DELL", "MD32xx", "2.0 TiB", "3/3", "LVM2_member (orphan)", "–", "–"],
      ["sharedblock-host2", "mpatha", "dm-2", "DELL", "MD32xx", "2.0 TiB", "3/3", "LVM2_member (orphan)", "–", "–"],
      ["sharedblock-host3", "mpathb", "dm-3", "DELL", "MD32xx", "2.0 TiB", "2/3", "LVM2_member (orphan)", "–", "–"],
    ),
    rich({ bold: "What would be lost" }),
    table(["Offset", "Type", "Label", "UUID"], ["0x218", "LVM2_member", "–", "zUbBDF-i1Sg-YU3g-h2jN-m7hr-H9Dh-qgmsnF"]),
    rich(
      "⚠️ The signature on ",
      { code: wwid },
      " is erased on the array. A backup of it and of its beginning is kept.",
    ),
    code("What would run", [
      "sharedblock-host1  lvmconfig --type current global/use_lvmlockd",
      `sharedblock-host1  wipefs --all --backup=/var/lib/zstack-chatops/op-7 /dev/disk/by-id/dm-uuid-mpath-${wwid}`,
      `sharedblock-host1  vgcreate --shared --addtag zs::sharedblock::init::5f2c…::1761045067::sharedblock-host1 --metadatasize 2g 8c1f0c3a5d5e4c0e9b7a0d1c2b3a4f5e /dev/disk/by-id/dm-uuid-mpath-${wwid}`,
      "sharedblock-host1  vgchange --lockstart 8c1f0c3a5d5e4c0e9b7a0d1c2b3a4f5e",
    ]),
    buttons(),
  ],
});

const inventory = table(
  ["WWID", "Vendor", "Model", "Size", "Map", "host1", "host2", "host3", "Holds", "Volume group", "Whose", "Note"],
  ...[
    [wwid, "DELL", "MD32xx", "2.0 TiB", "mpatha", "3/3", "3/3", "3/3", "LVM2_member", "–", "nobody's", "orphan PV"],
    [
      "36f011af000d5c3e70000166e5ab82173",
      "DELL",
      "MD32xx",
      "1.0 TiB",
      "mpathb",
      "3/3",
      "3/3",
      "3/3",
      "nothing",
      "–",
      "free",
      "–",
    ],
    [
      "36b083fe000daf018000015505abbe00b",
      "DELL",
      "MD32xx",
      "500 GiB",
      "mpathc",
      "3/3",
      "3/3",
      "3/3",
      "LVM2_member",
      "vg_backup",
      "another VG",
      "–",
    ],
    [
      "36b083fe000daf018000015505abbe00c",
      "DELL",
      "MD32xx",
      "200 GiB",
      "mpathd",
      "3/3",
      "3/3",
      "3/3",
      "ext4 (data)",
      "–",
      "in use",
      "mounted on sharedblock-host2 at /srv/data",
    ],
    [
      "36b083fe000daf018000015505abbe00d",
      "DELL",
      "MD32xx",
      "200 GiB",
      "mpathe",
      "3/3",
      "–",
      "3/3",
      "nothing",
      "–",
      "free",
      "not seen by sharedblock-host2",
    ],
    [
      "36b083fe000daf018000015505abbe00e",
      "DELL",
      "MD32xx",
      "200 GiB",
      "mpathf",
      "3/3",
      "3/3",
      "2/3",
      "nothing",
      "–",
      "free",
      "degraded",
    ],
  ],
);

export const progress = (done: number): PageMessage =>
  message(tsAt(16), {
    text: "op-6 is running",
    edited: done > 0,
    blocks: [
      header(done >= 4 ? "✅ cluster-1 is ready" : "op-6: rescan of cluster-1"),
      rich(
        ...["sharedblock-host1", "sharedblock-host2", "sharedblock-host3", "inventory"].flatMap((name, index) => [
          index < done ? "✅ " : index === done ? "▶ " : "○ ",
          { bold: name },
          index < done ? ` done in ${index + 2}.1 s\n` : "\n",
        ]),
      ),
      context("Confirmed by bob at 10:15"),
    ],
  });

const story: PageMessage[] = [
  message(tsAt(1), {
    author: alice.id,
    edited: true,
    text: "Morning. The array team gave us two LUNs, I'll put one to use.",
  }),
  message(tsAt(3), {
    text: "LUNs of cluster-1",
    blocks: [
      header("LUNs of cluster-1"),
      rich(
        "6 LUNs on 3 hosts, read in 0.4 s. One map is degraded: ",
        { code: "36b083fe000daf018000015505abbe00e" },
        ".",
      ),
      inventory,
      {
        type: "actions",
        block_id: "next",
        elements: [
          "Show LUN …bbe00a",
          "Show Paths of cluster-1",
          "Rescan sharedblock-host3",
          "Add Storage to cluster-1",
        ].map((label, index) => ({
          type: "button",
          text: { type: "plain_text" as const, text: label, emoji: false },
          action_id: `run-${index + 1}`,
          value: "seal words",
        })),
      },
      context(`Or type: /zstack lun show cluster-1 ${wwid} · /zstack multipath status cluster-1`),
    ],
    files: [
      {
        id: "F1",
        title: "LUNs of cluster-1, whole",
        name: "luns-of-cluster-1.txt",
        png: null,
        text: Array.from({ length: 30 }, (_, index) =>
          `mpath${index}  dm-${index}  DELL,MD32xx  size=2.0T  features='0' hwhandler='1 rdac' wp=rw  `.repeat(2),
        ).join("\n"),
      },
    ],
  }),
  message(tsAt(5), { author: alice.id, text: "<@U0ZSTACK> multipath status cluster-1" }),
  message(tsAt(5, 2), {
    threadTs: tsAt(5),
    text: "cluster-1: 1 map degraded",
    blocks: [
      header("⚠️ cluster-1: 1 map degraded"),
      rich(
        "Path ",
        { code: "sdj" },
        " of ",
        { code: "mpathf" },
        " on sharedblock-host3 is ",
        { bold: "failed faulty" },
        ".",
      ),
    ],
  }),
  message(tsAt(6), {
    threadTs: tsAt(5),
    author: bob.id,
    text: "That cable is being replaced, ~nothing to do~ I'm on it. `sdj` comes back at noon &amp; &lt;then&gt; we check again.",
  }),
  message(tsAt(8), {
    onlyFor: alice.id,
    text: "There is no cluster “cluster-l”.",
    blocks: [header("❌ There is no cluster “cluster-l”"), rich("Did you mean ", { code: "cluster-1" }, "?")],
  }),
  message(tsAt(9), {
    text: "blocks",
    edited: true,
    blocks: [
      mrkdwn(
        "*Bold*, _italic_, ~struck~, `code &amp; &lt;b&gt;`, &lt;!channel&gt;, <@U0BOB>, <https://www.zstack.io|a link>, snake_case_name 3*4*5",
      ),
      {
        type: "section",
        fields: [
          { type: "mrkdwn", text: "*State*\nEnabled" },
          { type: "mrkdwn", text: "*Status*\nConnected" },
          { type: "mrkdwn", text: "*Total*\n2.0 TiB" },
          { type: "mrkdwn", text: "*Available*\n1.9 TiB" },
        ],
      },
      divider,
      { type: "markdown", text: "**GFM** with a table\n\n| a | b |\n|---|---|\n| 1 | `2` |" },
      { type: "data_table", title: "A block that came after this page", rows: [] },
    ],
  }),
  plan,
  progress(2),
];

export const confirmView: PageView = {
  id: "V1",
  person: alice.id,
  title: "Confirm op-7",
  submit: "Confirm",
  close: "Back",
  blocks: [
    plainSection(`Everything on ${wwid} (2.0 TiB, DELL MD32xx) becomes unreadable on all three hosts.`),
    plainSection("The signature is erased. A backup of it and of its beginning stays on sharedblock-host1."),
    input("The last six characters of the WWID", "They are in the plan above, after …abbe00a."),
  ],
};

export const storyState: PageState = {
  channel: { id: "C0OPS", name: "storage-ops" },
  bot,
  people: [alice, bob],
  messages: story,
  views: [],
  homes: [],
  completions,
  notice: "The SAN and its three hosts are simulated.",
  breaksSan: true,
  sanHint: "A failed path is posted after 5 s.",
};
