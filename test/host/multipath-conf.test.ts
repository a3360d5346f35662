import { describe, expect, it } from "vitest";
import { Refusal } from "../../src/core/refusal.ts";
import { blacklistsAll, givenAliases, multipathConf, namesIn } from "../../src/host/multipath-conf.ts";

describe("multipath.conf with our settings", () => {
  it("is made where there is none, with WWIDs as names", () => {
    expect(multipathConf(null, null)).toBe(
      "defaults {\n\tfind_multipaths yes\n}\n".replace("}", "\tuser_friendly_names no\n}"),
    );
    expect(namesIn(multipathConf(null, "friendly"))).toBe("friendly");
  });

  it("keeps all else to the byte: comments, blanks, order, other sections, a value's tail", () => {
    const before = [
      "# ours, 2019",
      "",
      "blacklist {",
      '    devnode "^sda$" # boot',
      "}",
      "defaults{",
      "  polling_interval   10",
      '  find_multipaths "strict"   ! as before',
      "}",
      "multipaths {",
      "  multipath {",
      "    wwid 36b083fe000daf018000015505abbe00a",
      "    alias gold   ",
      "  }",
      "}",
      "",
    ];
    const after = [...before];
    after[7] = "  find_multipaths yes   ! as before";
    expect(multipathConf(before.join("\n"), null)).toBe(after.join("\n"));
    after.splice(8, 0, "\tuser_friendly_names yes");
    expect(multipathConf(before.join("\n"), "friendly")).toBe(after.join("\n"));
  });

  it("sets every line of a setting that is there twice, since the last counts", () => {
    const before = "defaults {\n find_multipaths greedy\n}\ndefaults {\n find_multipaths smart\n}\n";
    expect(multipathConf(before, null)).toBe(before.replace("greedy", "yes").replace("smart", "yes"));
  });

  it.each(["yes", '"yes"', "on"])("leaves find_multipaths %s, which means yes", (value) => {
    const text = `defaults {\n\tfind_multipaths ${value}\n}\n`;
    expect(multipathConf(text, null)).toBe(text);
  });

  it("takes neither a comment nor another section's setting for the setting", () => {
    const before =
      "devices {\n\tdevice {\n\t\tuser_friendly_names yes\n\t}\n}\n#defaults {\n# find_multipaths yes\n#}\n";
    expect(multipathConf(before, "wwid")).toBe(
      `${before}defaults {\n\tfind_multipaths yes\n\tuser_friendly_names no\n}\n`,
    );
    expect(namesIn(before)).toBe("wwid");
  });

  it("keeps the line ends of Windows, and ends a last line that has none", () => {
    expect(multipathConf("blacklist {\r\n}\r\n", null)).toBe(
      "blacklist {\r\n}\r\ndefaults {\r\n\tfind_multipaths yes\r\n}\r\n",
    );
    expect(multipathConf("blacklist {\n}", null)).toBe("blacklist {\n}\ndefaults {\n\tfind_multipaths yes\n}\n");
  });

  it("gives the same when it is made twice", () => {
    for (const text of [null, "", "defaults {\n}\n", 'defaults {\n polling_interval "5"\n}\n# end']) {
      const once = multipathConf(text, "wwid");
      expect(multipathConf(once, "wwid")).toBe(once);
    }
  });

  it.each([
    ["defaults\n{\n find_multipaths yes\n}\n", "line 2: its name must stand on the line of the brace"],
    ["defaults { find_multipaths yes }\n", "section defaults is not closed"],
    ["defaults {\n find_multipaths yes }\n", "section defaults is not closed"],
    ["}\n", "line 1: a brace closes what none opened"],
  ])("is refused where multipath itself complains: %j", (text, why) => {
    expect(() => multipathConf(text, null)).toThrow(Refusal);
    expect(() => multipathConf(text, null)).toThrow(why);
  });
});

it("knows a blacklist of every disk, and the names that people gave", () => {
  expect(blacklistsAll('blacklist {\n devnode "*"\n}\n')).toBe(true);
  expect(blacklistsAll("blacklist {\n\tdevnode .*\n}\n")).toBe(true);
  expect(
    blacklistsAll('blacklist {\n devnode "^sd[a-z]$"\n # devnode "*"\n}\nblacklist_exceptions {\n devnode "*"\n}\n'),
  ).toBe(false);
  expect(givenAliases("multipaths {\n multipath {\n wwid 36b0\n alias gold\n }\n}\n")).toEqual(["gold"]);
});
