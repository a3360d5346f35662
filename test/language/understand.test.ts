import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainLines, type Reply } from "../../src/core/reply.ts";
import { understand } from "../../src/language/understand.ts";
import { suggestedBy } from "../support/errors.ts";
import { commands, examples } from "./example-commands.ts";

const wwid = "36b083fe000daf018000015505abbe00a";
const understood = (line: string) => understand(line, commands);
const reply = (line: string): Reply => {
  const result = understood(line);
  if (result.kind !== "misunderstood") throw new Error(`understood ${line} as ${JSON.stringify(result)}`);
  return result.reply;
};
const text = (line: string): string => {
  const { title, parts, next } = reply(line);
  return [title, ...plainLines(parts), ...next.map((each) => `next: ${each}`)].join("\n");
};
const sizeOf = ({ title, parts, next }: Reply): number => JSON.stringify({ title, parts, next }).length;
const suggestions = (line: string): string[] => suggestedBy(reply(line));

describe("a command that is understood", () => {
  it("has its arguments bound by position and by key, and parsed by its schema", () => {
    const result = understood(`sharedblock add cluster-1 wwid=${wwid},${wwid} description="rack 4" wipe=yes`);
    expect(result).toEqual({
      kind: "command",
      command: examples.sharedblockAdd,
      args: { cluster: "cluster-1", wwid: [wwid, wwid], description: "rack 4", wipe: true },
    });
  });
  it("takes a positional argument by its key, and keys in any case", () => {
    expect(understood("host add name=h1 Address=10.0.0.1 CLUSTER=c1 port=2222")).toMatchObject({
      args: { name: "h1", address: "10.0.0.1", cluster: "c1", port: 2222, user: "root" },
    });
  });
  it("may be typed in capitals; names keep theirs", () => {
    expect(understood("HOST Rescan Cluster-1")).toMatchObject({
      command: examples.hostRescan,
      args: { hostOrCluster: "Cluster-1" },
    });
  });
  it("reads every example of every command", () => {
    for (const command of commands) {
      for (const example of command.examples) expect(understood(example)).toMatchObject({ kind: "command", command });
    }
  });
  it("takes all words after help as its topic", () => {
    expect(understood("help sharedblock add")).toMatchObject({ kind: "command", args: { command: "sharedblock add" } });
    expect(understood("help")).toMatchObject({ kind: "command", args: { command: "" } });
  });
});

describe("help instead of a command", () => {
  it.each([
    ["?", ""],
    ["--help", ""],
    ["sharedblock", "sharedblock"],
    ["host help", "host"],
    ["host --help", "host"],
    ["sharedblock add --help", "sharedblock add"],
  ])("is given for %j", (line, topic) => {
    expect(understood(line)).toEqual({ kind: "help", topic });
  });
  it.each(["", "  "])("is a menu for %j", (line) => {
    expect(understood(line)).toEqual({ kind: "menu" });
  });
  it("is not given for a host with the name help", () => {
    expect(understood("host rescan help")).toMatchObject({ kind: "command", args: { hostOrCluster: "help" } });
  });
});

describe("an unknown command", () => {
  it("is answered with the nearest one, and the rest unchanged", () => {
    expect(suggestions(`sharedblok add cluster-1 wwid=${wwid}`)).toEqual([`sharedblock add cluster-1 wwid=${wwid}`]);
    expect(suggestions(`lun sho c1 ${wwid}`)).toEqual([`lun show c1 ${wwid}`]);
    expect(suggestions("add host h1 address=10.0.0.1 cluster=c1")).toEqual(["host add h1 address=10.0.0.1 cluster=c1"]);
  });
  it("names at most three, nearest first", () => {
    expect(suggestions("hots")).toEqual(["help host add", "host list", "help host rescan"]);
    expect(text("hots")).toContain("the nearest commands are host add, host list, host rescan");
    expect(suggestions("host lis")[0]).toBe("host list");
  });
  it("suggests no line that is refused, but its help", () => {
    expect(suggestions("lun sho c1")).toEqual(["help lun show"]);
    expect(text("lun sho c1")).toContain("the nearest command is lun show; it needs other arguments");
    expect(suggestions("host rescn c1 zzz=1")).toEqual(["help host rescan"]);
    const knowsC1 = (_: unknown, args: Readonly<Record<string, unknown>>) => args.hostOrCluster === "c1";
    const next = (line: string) => {
      const result = understand(line, commands, knowsC1);
      return result.kind === "misunderstood" ? suggestedBy(result.reply) : [];
    };
    expect(next("host rescn c1")).toEqual(["host rescan c1"]);
    expect(next("host rescn c2")).toEqual(["help host rescan"]);
  });
  it("names the commands of the group that is known", () => {
    const shown = text("host frobnicate x");
    expect(shown).toContain('There is no command "host frobnicate"');
    expect(shown).toContain("commands of this group: host add, host list, host rescan");
  });
  it("names the group if only that is near", () => {
    expect(suggestions("inventry cluster-1")).toEqual(["inventory cluster-1"]);
    expect(suggestions("sharedblok wipe-everything-now")).toEqual(["help sharedblock", "help"]);
  });
  it("leads to help if nothing is near", () => {
    expect(reply("xyzzy")).toMatchObject({ title: 'UNKNOWN_COMMAND  There is no command "xyzzy"', next: ["help"] });
    expect(suggestions("wwid=1")).toEqual(["help"]);
  });
});

describe("arguments that don't fit", () => {
  it("names the existing key", () => {
    expect(text(`sharedblock add c1 wwid=${wwid} nmae=x`)).toContain("There is no nmae= here. Did you mean name?");
    expect(text("host rescan c1 zzz=1")).toContain("There is no zzz= here. It takes hostOrCluster.");
    expect(text("host list all=1")).toContain("There is no all= here. It takes none.");
    expect(text("host list constructor=1")).toContain("There is no constructor= here.");
  });
  it("suggests no key that is given already, or that does not take the value", () => {
    expect(text("host add h1 address=a cluster=c1 prt=x")).not.toContain("Did you mean port");
    expect(text("host add h1 address=a cluster=c1 prt=23")).toContain("Did you mean port?");
    const line = `sharedblock add c1 wwid=${wwid}`;
    expect(text(`${line} nmae=x name=y`)).not.toContain("Did you mean name");
    expect(text(`${line} name=y nmae=x`)).not.toContain("Did you mean name");
  });
  it.each([
    [
      "host rescan сluster-1",
      '"с" in it (U+0441, Cyrillic) only looks like the Latin "c"; type it on a Latin keyboard',
    ],
    ["host add h1 address=hоst1.example.com cluster=c1", 'address hоst1.example.com mixes letters: "о" in it (U+043E'],
    ["hοst list", '"ο" in it (U+03BF, Greek) only looks like the Latin "o"'],
    [`lun show c1 ${wwid} wwiԁ=x`, '"ԁ" in it (U+0501, Cyrillic) only looks like the Latin "d"'],
    ["host rescan 机房", '"机" in it (U+673A, Han) is not a letter or digit of ASCII'],
  ])("names the wrong letter of %j", (line, words) => {
    expect(text(line)).toContain(words);
  });
  it("names what is missing, with usage and an example", () => {
    const shown = text("sharedblock add");
    expect(shown).toContain("CLUSTER is missing: the cluster's name");
    expect(shown).toContain("wwid=… is missing");
    expect(shown).toContain("sharedblock add CLUSTER wwid=… [name=] [description=] [wipe=true]");
    expect(shown).toContain(examples.sharedblockAdd.examples[0]);
    expect(shown).toContain("next: help sharedblock add");
  });
  it("names every wrong value and why, all at once", () => {
    const shown = text("host add -x address='' cluster=c1 port=70000 user=a user=b");
    expect(shown).toContain("name -x is not a name: letters");
    expect(shown).toContain('address "" is empty');
    expect(shown).toContain("port 70000 must be at most 65535");
    expect(shown).toContain("user is given twice: a and b");
  });
  it.each([
    ["host add h address=a cluster=c port=x", "port x is not a number"],
    ["host add h address=a cluster=c port=1.5", "port 1.5 is not a whole number"],
    ["host add h address=a cluster=c port=0", "port 0 must be at least 1"],
    [`sharedblock add c wwid=${wwid} wipe=maybe`, "wipe maybe is none of true, yes, false, no"],
    ["sharedblock add c wwid=36b0", "wwid 36b0 is not a WWID"],
    [`sharedblock add c wwid=${[wwid, wwid, wwid, wwid].join(",")}`, "must be at most 3 values"],
    [`sharedblock add c wwid=${wwid} description=${"d".repeat(2001)}`, "is longer than 2000 characters"],
    ["lun show c1 name=x wwid", "There is no name= here."],
    ["host rescan c1 cluster-2", "cluster-2 is too much: host rescan takes 1 word after its name"],
    [
      "host rescan c1\n/zstack host list",
      "/zstack and 2 more words are too much: host rescan takes 1 word after its name; send one command in a message",
    ],
    ["host list a b c", "a and 2 more words are too much: host list takes no word after its name"],
    [`sharedblock add c wwid=${wwid} --wipe=true`, "options are written wipe=…, without dashes"],
    [`lun show c1 cluster=c2 wwid=${wwid}`, "cluster is given twice: c1 and c2"],
  ])("%s", (line, words) => {
    expect(text(line)).toContain(words);
  });
  it("shows at most forty characters of a value", () => {
    const shown = text(`lun show c1 ${"36b0".repeat(50)}`);
    expect(shown).toContain(`wwid ${"36b0".repeat(10)}… is not a WWID`);
    expect(shown).not.toContain("36b0".repeat(11));
  });
  it("shows at most ten problems", () => {
    const keys = Array.from({ length: 30 }, (_, index) => `key${index}=1`).join(" ");
    expect(text(`host list ${keys}`)).toContain("…and 20 more");
  });
});

describe("hostile lines", () => {
  it("are refused because of their length before anything is read", () => {
    expect(text("x".repeat(100_000))).toContain("it has 100000 characters; a command has at most 8000");
    expect(text(`host list ${'"'.repeat(100_000)}`)).toContain("at most 8000");
    expect(understood(" ".repeat(8000))).toEqual({ kind: "menu" });
  });
  it("never throw, with any content", () => {
    const alphabet = fc.constantFrom(
      "host",
      "add",
      "help",
      "sharedblock",
      "=",
      '"',
      "'",
      " ",
      "\\",
      "\u0000",
      "--help",
      "x",
    );
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary", maxLength: 300 }), fc.string({ unit: alphabet })), (line) => {
        const result = understood(line);
        expect(["command", "help", "menu", "misunderstood"]).toContain(result.kind);
        if (result.kind === "misunderstood") expect(sizeOf(result.reply)).toBeLessThan(6000);
      }),
    );
  });
  it("get short answers at any length", () => {
    for (const unit of ["a", "a ", "a=1 ", "=", "' ", "-", "host ", "host add "]) {
      const result = understood(unit.repeat(8000).slice(0, 8000));
      if (result.kind === "misunderstood") expect(sizeOf(result.reply)).toBeLessThan(4000);
    }
  });
});
