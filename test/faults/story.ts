import { tutorialIscsi } from "../../src/simulator/san/tutorial-iscsi.ts";
import { tutorialLuns as luns } from "../../src/simulator/san/tutorial-san.ts";
import { alice, bob, type Cast, carol, dave, terminal } from "./cast.ts";
import type { Seed } from "./seed.ts";
import { type Deciding, decidingsOf, firstGrantOf, saidOf } from "./trust-story.ts";

/** What people do with a plan. */
export type Decision =
  | "confirm"
  /** One person clicks twice, very fast. */
  | "twice"
  /** Two people click at the same time, and both send the form. */
  | "both"
  | "cancel"
  | "confirm and cancel"
  | "leave"
  /** A person who may not click does so first. */
  | "outsider first"
  /** The form is first filled in wrongly. */
  | "wrong first"
  /** The form is sent after its plan has expired. */
  | "late form";

/** A change of the SAN from outside, which the bot does not see. */
export type Outside =
  | { readonly kind: "grows"; readonly wwid: string }
  | { readonly kind: "unmaps"; readonly wwid: string }
  | { readonly kind: "volumes" }
  /** The user group has these people. */
  | { readonly kind: "group"; readonly users: readonly string[] };

/** One command, and what people do with it. */
export interface Act {
  readonly words: string;
  readonly person: string;
  readonly how: "command" | "mention" | "terminal";
  readonly decision: Decision;
  /** What is done about its plan if that waits for a second person, one after another. */
  readonly second: readonly Deciding[];
  /** Whether it changes something. */
  readonly changes: boolean;
  /** A LUN on which a person puts a file system between the plan and the click. */
  readonly formats: string | null;
  /** The next act begins before this one has ended. */
  readonly hasty: boolean;
  readonly outside: Outside | null;
  /**
   * Another bot with the same tokens, or one that lost its data folder. While the plan is shown, a bot on another
   * folder shows a plan of this command with the same number. People click each plan while the other bot runs.
   */
  readonly foreignBot: string | null;
}

/** Slack delivers everything once more at the end. */
export type Again = "at once" | "hours later";

export interface Story {
  readonly cast: Cast;
  /** A role that is given before the story; null: none. */
  readonly firstGrant: string | null;
  /** What existed before; see `beginnings`. */
  readonly beginning: Beginning;
  readonly acts: readonly Act[];
  readonly again: Again | null;
}

type Beginning = "fresh hosts" | "ps-1" | "ps-1 with volumes" | "ps-1 and two clusters";
/** In the place of the third host's port, which is another one in each run. */
export const PORT = "PORT";
const addPs1 = `sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`;
/** The commands that were done before the story. */
export const beginnings: Readonly<Record<Beginning, readonly string[]>> = {
  "fresh hosts": [],
  "ps-1": [addPs1],
  "ps-1 with volumes": [addPs1],
  "ps-1 and two clusters": [
    "cluster add cluster-2 zone=ZONE-1",
    "host remove sharedblock-host3",
    `host add sharedblock-host3 address=127.0.0.1 port=${PORT} user=zstack cluster=cluster-2`,
    addPs1,
  ],
};

const addPs2 = `sharedblock add cluster-1 wwid=${luns.blank} name=ps-2`;
const addTwo = `sharedblock add cluster-1 wwid=${luns.blank},${luns.failedPath} name=ps-2`;
const extend = `sharedblock extend ps-1 wwid=${luns.failedPath}`;
const extendWiping = `sharedblock extend ps-1 wwid=${luns.notEverywhere},${luns.blank}`;
const detach = "sharedblock detach ps-1 cluster-1";
const attach = "sharedblock attach ps-1 cluster-1";
const destroy = "sharedblock delete ps-1 volumes=destroy";
const maintain = "sharedblock maintain ps-1 grace=1";
const portals = tutorialIscsi.portals.join(",");

/** Commands that follow each other, as people type them. */
const attach2 = "sharedblock attach ps-1 cluster-2";
const detach2 = "sharedblock detach ps-1 cluster-2";
const chaptersOf: Readonly<Record<Beginning, readonly (readonly [weight: number, words: readonly string[]])[]>> = {
  "fresh hosts": [
    [6, [addPs1]],
    [3, [addPs2]],
    [3, [addPs1, detach, destroy]],
    [2, [addTwo]],
    [2, ["host prepare cluster-1", addPs1]],
    [1, ["multipath enable cluster-1 names=wwid"]],
    [2, [`iscsi login cluster-1 portal=${portals} target=${tutorialIscsi.shared}`]],
    [1, ["zone add ZONE-2", "cluster add cluster-2 zone=ZONE-2", "cluster remove cluster-2", "zone remove ZONE-2"]],
    [1, ["host remove sharedblock-host3"]],
    [1, [`sharedblock add cluster-1 wwid=${luns.mounted} name=ps-3 wipe=true`]],
  ],
  "ps-1": [
    [4, [extend]],
    [2, [extendWiping]],
    [4, [detach, destroy]],
    [3, [detach, attach]],
    [3, [maintain, "sharedblock enable ps-1"]],
    [2, ["sharedblock disable ps-1", "sharedblock enable ps-1"]],
    [3, ["sharedblock resize ps-1"]],
    [2, ["sharedblock reconnect ps-1"]],
    [2, ["sharedblock rename ps-1 new=ps-gold", "sharedblock rename ps-gold new=ps-1"]],
    [3, [addPs2]],
    [3, [detach, destroy, `lun rescue ${luns.orphan}`]],
    [2, [`lun forget cluster-1 ${luns.blank}`]],
  ],
  "ps-1 with volumes": [
    [4, [detach, destroy]],
    [4, [maintain, "sharedblock enable ps-1"]],
    [3, [detach, attach]],
    [2, [extend]],
    [2, ["sharedblock resize ps-1"]],
    [1, [destroy]],
  ],
  "ps-1 and two clusters": [
    [5, [attach2]],
    [4, [attach2, detach2]],
    [3, [attach2, detach, attach]],
    [3, [attach2, extend]],
    [3, [attach2, maintain, "sharedblock enable ps-1"]],
    [2, [attach2, detach, detach2, destroy]],
  ],
};

const queries = [
  "lun list cluster-1",
  "sharedblock list",
  "sharedblock show ps-1",
  "cluster check cluster-1",
  "inventory refresh=true",
  "multipath status cluster-1",
  "operation list",
  `lun show cluster-1 ${luns.orphan}`,
  "sharedblok ad cluster-1",
];

export function storyOf(seed: Seed): Story {
  const cast: Cast = seed.percent(65) ? "roles" : "operators";
  const firstGrant = cast === "roles" ? firstGrantOf(seed) : null;
  const beginning = seed.weighed<Beginning>([
    [6, "fresh hosts"],
    [5, "ps-1"],
    [2, "ps-1 with volumes"],
    [2, "ps-1 and two clusters"],
  ]);
  const acts: Act[] = [];
  const chapters = seed.between(1, 3);
  for (let chapter = 0; chapter < chapters; chapter++) {
    for (const words of seed.weighed(chaptersOf[beginning])) {
      if (seed.percent(15)) acts.push(query(seed));
      if (cast === "roles" && seed.percent(35)) acts.push(trustAct(seed));
      const act = changeAct(seed, words, cast);
      acts.push(act);
      // The same command finishes what is left: people type it again.
      if (seed.percent(35))
        acts.push({ ...act, decision: "confirm", hasty: false, outside: null, formats: null, foreignBot: null });
    }
  }
  const again = seed.weighed<Again | null>([
    [50, null],
    [25, "at once"],
    [25, "hours later"],
  ]);
  return { cast, firstGrant, beginning, acts, again };
}

function changeAct(seed: Seed, words: string, cast: Cast): Act {
  const second = cast === "roles" ? decidingsOf(seed) : [];
  // A terminal asks for no secret here, and another person can't click its plan.
  if (!words.startsWith("iscsi") && seed.percent(8)) return { ...terminalAct(words), second };
  return {
    words,
    second,
    person:
      cast === "roles"
        ? seed.of([alice, alice, alice, alice, bob, bob, bob, bob, carol, dave])
        : seed.of([alice, alice, bob]),
    how: seed.percent(15) ? "mention" : "command",
    decision: seed.weighed<Decision>([
      [58, "confirm"],
      [10, "twice"],
      [12, "both"],
      [3, "cancel"],
      [5, "confirm and cancel"],
      [3, "leave"],
      [4, "outsider first"],
      [5, "wrong first"],
      [2, "late form"],
    ]),
    formats: /^sharedblock (add|extend)/.test(words) && seed.percent(8) ? seed.of(wwidsIn(words)) : null,
    changes: true,
    hasty: seed.percent(cast === "roles" ? 25 : 10),
    outside: outsideOf(words),
    foreignBot: seed.percent(cast === "roles" ? 8 : 25) ? foreignWords(seed, words) : null,
  };
}

const terminalAct = (words: string): Act => ({
  ...{ words, person: terminal, how: "terminal", decision: "confirm", changes: true, hasty: false },
  ...{ formats: null, outside: outsideOf(words), foreignBot: null, second: [] },
});

/** People say who may do what, and what must not change. */
function trustAct(seed: Seed): Act {
  const { words, person } = saidOf(seed);
  const users = seed.of([[bob], [bob, dave], [dave], []]);
  return {
    ...{ words, person, decision: "leave", second: [], changes: false, formats: null, foreignBot: null },
    how: seed.percent(15) ? "mention" : "command",
    hasty: seed.percent(30),
    outside: seed.percent(15) ? { kind: "group", users } : null,
  };
}

/** A command with a LUN that the act does not name and no storage has. */
function foreignWords(seed: Seed, words: string): string {
  const others = [luns.blank, luns.failedPath].filter((wwid) => !words.includes(wwid));
  return `sharedblock add cluster-1 wwid=${seed.of(others.length > 0 ? others : [luns.orphan])} name=ps-foreign wipe=true`;
}

function outsideOf(words: string): Outside | null {
  if (words.includes("resize")) return { kind: "grows", wwid: luns.orphan };
  return words.startsWith("lun forget") ? { kind: "unmaps", wwid: luns.blank } : null;
}

const query = (seed: Seed): Act => ({
  words: seed.of(queries),
  person: seed.of([alice, bob, carol]),
  how: seed.percent(30) ? "mention" : "command",
  decision: "leave",
  second: [],
  formats: null,
  changes: false,
  hasty: seed.percent(30),
  outside: null,
  foreignBot: null,
});

export const wwidsIn = (words: string): string[] => words.match(/\b3[0-9a-f]{32}\b/g) ?? [];

/** The answer to an input of a form, by its label. */
export function answerTo(label: string, words: string): string {
  if (/WWID/.test(label))
    return wwidsIn(words)
      .map((wwid) => wwid.slice(-6))
      .join(" ");
  if (/[Nn]ame/.test(label)) return words.split(" ")[2] ?? "";
  return tutorialIscsi.chap.secret;
}
