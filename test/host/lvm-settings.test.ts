import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Refusal } from "../../src/core/refusal.ts";
import { lvmLocalConf, sanlockConf, sharedBlockLvmSettings } from "../../src/host/lvm-settings.ts";

const settings = sharedBlockLvmSettings(3, { useDevicesFile: null, useLvmetad: null });
const merged = (before: string | null) => lvmLocalConf(before, settings);
const FRESH = `local {
\thost_id = 3
}
global {
\tuse_lvmlockd = 1
\tsanlock_lv_extend = 1024
\tlvmlockd_lock_retries = 6
}
devices {
\tissue_discards = 0
}
`;

describe("lvmlocal.conf", () => {
  it("is written completely if it does not exist", () => {
    expect(merged(null)).toBe(FRESH);
    expect(merged("")).toBe(FRESH);
  });

  it("switches off the devices file if this version of LVM has one", () => {
    const known = sharedBlockLvmSettings(3, { useDevicesFile: true, useLvmetad: null });
    expect(lvmLocalConf("devices {\n\tuse_devicesfile = 1\n}\n", known)).toContain(
      "devices {\n\tuse_devicesfile = 0\n\tissue_discards = 0\n}\n",
    );
    expect(merged(null)).not.toContain("use_devicesfile");
  });

  it("keeps the distribution's file and activates the commented host_id", () => {
    const stock = `# This is a local configuration file template for the LVM2 system
# { braces and "quotes in comments
local {

\t# Configuration option local/system_id.
\t# Example
\t# system_id = "host1"
\t# system_id = ""

\t# Configuration option local/host_id.
\t# This must be unique among all hosts, and must be between 1 and 2000.
\t# host_id = 0
}
`;
    const after = merged(stock);
    expect(after.startsWith(stock.replace("# host_id = 0", "host_id = 3"))).toBe(true);
    expect(after.slice(stock.length - 2)).toBe(FRESH.slice(FRESH.indexOf("global {")));
  });

  it("changes an existing setting in its line and keeps the comment after it", () => {
    expect(merged("local {\n  host_id=17   # rack 4\n}\n")).toContain("local {\n  host_id = 3   # rack 4\n}\n");
  });

  it("does not change a correct setting, with any spaces", () => {
    const before = FRESH.replace("host_id = 3", "host_id=3").replace("use_lvmlockd = 1", "use_lvmlockd =   1");
    expect(merged(before)).toBe(before);
  });

  it("ignores the same name in another section", () => {
    const before = "other {\n\thost_id = 9\n\t# use_lvmlockd = 0\n\tlocal {\n\t\thost_id = 8\n\t}\n}\n";
    expect(merged(before)).toBe(before + FRESH);
  });

  it("prefers an active setting to a commented one", () => {
    const before = "global {\n\t# use_lvmlockd = 0\n\tuse_lvmlockd = 0\n}\n";
    expect(merged(before)).toContain("\t# use_lvmlockd = 0\n\tuse_lvmlockd = 1\n");
  });

  it("changes every line of a repeated setting, because the last counts", () => {
    const after = merged("local {\n\thost_id = 1\n}\nlocal {\n\thost_id = 2\n}\n");
    expect(after).toContain("local {\n\thost_id = 3\n}\nlocal {\n\thost_id = 3\n}\n");
  });

  it("adds a missing setting to its section, also to a section on one line", () => {
    expect(merged('local { system_id = "a}b" }\n')).toContain('local { system_id = "a}b"\n\thost_id = 3\n}\n');
    expect(merged('local\n{\n\tsystem_id = "x"\n}\n')).toContain('local\n{\n\tsystem_id = "x"\n\thost_id = 3\n}\n');
    expect(merged("local {\n}\n")).toContain("local {\n\thost_id = 3\n}\n");
  });

  it("changes a setting that has the section in its name", () => {
    expect(merged("global/use_lvmlockd = 0\nlocal/host_id=5\n")).toMatch(
      /^global\/use_lvmlockd = 1\nlocal\/host_id = 3\nglobal \{/,
    );
  });

  it("ignores lists and strings of several lines", () => {
    const list = 'devices {\n\tfilter = [ "a|/dev/mapper/.*|",\n\t\t"r|{.*|" ]\n\tissue_discards = 1\n}\n';
    expect(merged(list)).toContain(list.replace("issue_discards = 1", "issue_discards = 0"));
  });

  it("ignores a sentence that looks like a commented setting", () => {
    const prose = "global {\n\t# use_lvmlockd = 1 needs the daemon to run\n}\n";
    expect(merged(prose)).toContain("# use_lvmlockd = 1 needs the daemon to run\n\tuse_lvmlockd = 1\n");
  });

  it("adds a missing line end at the end of the file", () => {
    expect(merged("# mine")).toBe(`# mine\n${FRESH}`);
  });

  it("writes no CR", () => {
    expect(merged("local {\r\n\t# host_id = 0\r\n}\r\n")).toBe(FRESH);
  });

  it("refuses a file with unbalanced braces, with the line", () => {
    expect(() => merged("local {\n\thost_id = 1\n")).toThrow(Refusal);
    expect(() => merged("local {\n\thost_id = 1\n")).toThrow('section "local" is not closed');
    expect(() => merged("local {\n}\n}\n")).toThrow("line 3");
  });

  it("does not change at a second run, with any earlier lines", () => {
    const line = fc.constantFrom(
      ..."local {|global {|devices {|}|# }|host_id = 7|# host_id = 0|use_lvmlockd=0|issue_discards = 1".split("|"),
      ...['name = "{"', "list = [ 1, 2 ]", "local/host_id = 4", "", "x { y = 1 }", "\tsanlock_lv_extend = 256 # 1/4"],
    );
    let understood = 0;
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        let once: string;
        try {
          once = merged(lines.join("\n"));
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
          return;
        }
        understood += 1;
        expect(merged(once)).toBe(once);
        expect(once).toMatch(/(^|[\t ])(local\/)?host_id = 3$/m);
      }),
      { numRuns: 2000 },
    );
    expect(understood).toBeGreaterThan(50);
  });
});

describe("sanlock.conf", () => {
  it("gets the watchdog line if it is missing", () => {
    expect(sanlockConf(null)).toBe("use_watchdog = 0\n");
    expect(sanlockConf("# use_watchdog = 1\nquiet_fail = 1")).toBe(
      "# use_watchdog = 1\nquiet_fail = 1\nuse_watchdog = 0\n",
    );
  });

  it("keeps an administrator's setting", () => {
    expect(sanlockConf("use_watchdog = 1\n")).toBe("use_watchdog = 1\n");
    expect(sanlockConf("  use_watchdog=0\r\nx = 1\r\n")).toBe("  use_watchdog=0\nx = 1\n");
  });

  it("does not change at a second run", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(sanlockConf(sanlockConf(text))).toBe(sanlockConf(text));
      }),
    );
  });
});
