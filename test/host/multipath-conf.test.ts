import { describe, expect, it } from "vitest";
import { Refusal } from "../../src/core/refusal.ts";
import { blacklistsAll, confIn, mpathconfFinds, multipathConf, overriding } from "../../src/host/multipath-conf.ts";
import { mapNaming, multipathConfig, namesFor } from "../../src/host/multipath-settings.ts";

const namesIn = (text: string) => mapNaming(confIn(text)).general;

describe("multipath.conf with our settings", () => {
  it("is created if it does not exist, with WWIDs as names", () => {
    expect(multipathConf(null, null)).toBe(
      "defaults {\n\tfind_multipaths yes\n}\n".replace("}", "\tuser_friendly_names no\n}"),
    );
    expect(namesIn(multipathConf(null, "friendly"))).toBe("friendly");
  });

  it("keeps all else byte by byte: comments, spaces, order, other sections, text after a value", () => {
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

  it("changes every line of a repeated setting, because the last counts", () => {
    const before = "defaults {\n find_multipaths greedy\n}\ndefaults {\n find_multipaths smart\n}\n";
    expect(multipathConf(before, null)).toBe(before.replace("greedy", "yes").replace("smart", "yes"));
  });

  it.each(["yes", '"yes"', "on"])("does not change find_multipaths %s, which means yes", (value) => {
    const text = `defaults {\n\tfind_multipaths ${value}\n}\n`;
    expect(multipathConf(text, null)).toBe(text);
  });

  it("ignores a comment that looks like a setting", () => {
    const before = "#defaults {\n# find_multipaths yes\n#}\n";
    expect(multipathConf(before, "wwid")).toBe(
      `${before}defaults {\n\tfind_multipaths yes\n\tuser_friendly_names no\n}\n`,
    );
    expect(namesIn(before)).toBe("wwid");
  });

  it("sets the names also in overrides, a device section or a single map, which win over the defaults", () => {
    const text = (value: string) =>
      [
        `overrides {\n\tuser_friendly_names ${value}\n}`,
        `devices {\n\tdevice {\n\t\tvendor "DELL"\n\t\tuser_friendly_names ${value} # as it came\n\t\talias_prefix gold\n\t}\n}`,
        `multipaths {\n\tmultipath {\n\t\twwid 36b0\n\t\tuser_friendly_names ${value}\n\t}\n}`,
        "",
      ].join("\n");
    const defaults = "defaults {\n\tfind_multipaths yes\n";
    expect(multipathConf(text("yes"), null)).toBe(`${text("yes")}${defaults}}\n`);
    expect(multipathConf(text("yes"), "wwid")).toBe(`${text("no")}${defaults}\tuser_friendly_names no\n}\n`);
    expect(multipathConf(text('"no"'), "friendly")).toBe(`${text("yes")}${defaults}\tuser_friendly_names yes\n}\n`);
  });

  it("gets a requested override, in the existing section", () => {
    expect(overriding("overrides {\n\tno_path_retry fail\n}\n", "friendly")).toBe(
      "overrides {\n\tno_path_retry fail\n\tuser_friendly_names yes\n}\n",
    );
    expect(overriding("defaults {\n}", "wwid")).toBe("defaults {\n}\noverrides {\n\tuser_friendly_names no\n}\n");
  });

  it("keeps the line ends of Windows, and adds a missing one at the end", () => {
    expect(multipathConf("blacklist {\r\n}\r\n", null)).toBe(
      "blacklist {\r\n}\r\ndefaults {\r\n\tfind_multipaths yes\r\n}\r\n",
    );
    expect(multipathConf("blacklist {\n}", null)).toBe("blacklist {\n}\ndefaults {\n\tfind_multipaths yes\n}\n");
  });

  it("does not change at a second run", () => {
    for (const text of [null, "", "defaults {\n}\n", 'defaults {\n polling_interval "5"\n}\n# end']) {
      const once = multipathConf(text, "wwid");
      expect(multipathConf(once, "wwid")).toBe(once);
    }
  });

  it.each([
    ["defaults\n{\n find_multipaths yes\n}\n", "line 2: the section name must be on the line of its brace"],
    ["defaults { find_multipaths yes }\n", "section defaults is not closed"],
    ["defaults {\n find_multipaths yes }\n", "section defaults is not closed"],
    ["}\n", "line 1: a closing brace has no opening brace"],
  ])("is refused if multipath itself rejects it: %j", (text, why) => {
    expect(() => multipathConf(text, null)).toThrow(Refusal);
    expect(() => multipathConf(text, null)).toThrow(why);
  });
});

it("detects a blacklist of every disk, and whether mpathconf can remove it", () => {
  expect(blacklistsAll('blacklist {\n devnode "*"\n}\n')).toBe(true);
  expect(blacklistsAll("blacklist {\n\tdevnode .*\n\tdevnode ^sda$\n}\n")).toBe(true);
  expect(
    blacklistsAll('blacklist {\n devnode "^sd[a-z]$"\n # devnode "*"\n}\nblacklist_exceptions {\n devnode "*"\n}\n'),
  ).toBe(false);
  expect(mpathconfFinds('blacklist {\n\tdevnode ".*" # all\n}\n')).toBe(true);
  expect(mpathconfFinds('blacklist {\n\tdevnode "*"\n}\n')).toBe(true);
  expect(mpathconfFinds("blacklist {\n\tdevnode .*\n}\n")).toBe(false);
  expect(mpathconfFinds('blacklist {\n\tdevnode "*"\n\tdevnode "^.*"\n}\n')).toBe(false);
  expect(mpathconfFinds(' blacklist {\n\tdevnode "*"\n }\n')).toBe(false);
});

describe("the name of a map", () => {
  const naming = (text: string) => mapNaming(multipathConfig(text));
  const map = { wwid: "36b0", alias: null, vendor: "NETAPP", product: "LUN C-Mode" };
  const device = 'devices {\n device {\n vendor "NETAPP"\n product "LUN"\n user_friendly_names no\n }\n}\n';
  const defaults = "defaults {\n user_friendly_names yes\n}\n";

  it("follows its device section before the defaults, and the last one of several", () => {
    expect(namesFor(map, naming(defaults))).toBe("friendly");
    expect(namesFor(map, naming(defaults + device))).toBe("wwid");
    expect(namesFor({ ...map, vendor: "DELL" }, naming(defaults + device))).toBe("friendly");
    const again = device.replace("names no", "names yes").replace('"NETAPP"', '"^(NETAPP|LSI)$"');
    expect(namesFor(map, naming(defaults + device + again))).toBe("friendly");
  });

  it("follows overrides before device sections, and its own section before all", () => {
    const overrides = "overrides {\n user_friendly_names yes\n}\n";
    expect(namesFor(map, naming(device + overrides))).toBe("friendly");
    const own = "multipaths {\n multipath {\n wwid 36b0\n user_friendly_names no\n }\n}\n";
    expect(namesFor(map, naming(device + overrides + own))).toBe("wwid");
    expect(namesFor({ ...map, wwid: "36b1" }, naming(overrides + own))).toBe("friendly");
  });

  it("follows a name that a person gave", () => {
    const text = "multipaths {\n multipath {\n wwid 36b0\n alias gold\n }\n}\n";
    expect(naming(text).aliases).toEqual(["gold"]);
  });
});

describe("a blacklist of all disks with exceptions", () => {
  const anaconda = `# multipath.conf written by anaconda

blacklist {
        devnode "*"
}

blacklist_exceptions {
	devnode "^sdb$"
	devnode "^sdc$"
}

defaults {
	user_friendly_names yes
	find_multipaths yes
}
`;

  it("is a whitelist that is not removed", () => {
    expect(blacklistsAll(anaconda)).toBe(false);
    expect(mpathconfFinds(anaconda)).toBe(false);
    expect(multipathConf(anaconda, null)).toBe(anaconda);
    expect(blacklistsAll(anaconda.replace(/blacklist_exceptions[^}]*}/, ""))).toBe(true);
  });
});
