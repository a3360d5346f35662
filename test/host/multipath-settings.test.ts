import { describe, expect, it } from "vitest";
import {
  blacklistedBy,
  blacklistIn,
  exceptionsFor,
  multipathConfig,
  type RuledDisk,
} from "../../src/host/multipath-settings.ts";

const disk: RuledDisk = {
  kernelName: "sdb",
  wwid: "36b083fe000daf018000015505abbe00a",
  vendor: "DELL",
  model: "MD32xx",
  transport: "fc",
};
const hidden = (rules: string, exceptions = "", of: Partial<RuledDisk> = {}) =>
  blacklistedBy(
    { ...disk, ...of },
    blacklistIn(multipathConfig(`blacklist {\n${rules}\n}\nblacklist_exceptions {\n${exceptions}\n}\n`)),
  );
/** Built into multipath-tools 0.9.4. */
const builtIn = 'devnode "!^(sd[a-z]|dasd[a-z]|nvme[0-9])"\ndevice {\n vendor "DELL"\n product "Universal Xport"\n}';

describe("a disk that multipath does not use", () => {
  it("is not a disk that only rules for others match", () => {
    expect(hidden(builtIn, 'property "(SCSI_IDENT_|ID_WWN)"')).toBeNull();
    expect(hidden(builtIn, "", { kernelName: "vda" })).toBe('devnode "!^(sd[a-z]|dasd[a-z]|nvme[0-9])"');
    expect(hidden(builtIn, "", { model: "Universal Xport" })).toBe(
      'device { vendor "DELL" product "Universal Xport" }',
    );
  });

  it.each([
    'devnode "^sd[b-z]"',
    'devnode "*"',
    'devnode "^sd[[:alpha:]]$"',
    'wwid "36b083fe*"',
    'protocol "scsi:fcp"',
    'protocol "!scsi:iscsi"',
  ])("is a disk that %s matches", (rule) => expect(hidden(rule)).toBe(rule));

  it("is not a disk with an exception of the same kind", () => {
    expect(hidden('devnode "^sd"', 'devnode "^sdb$"')).toBeNull();
    expect(hidden('devnode "^sd"', 'wwid "36b083fe000daf018000015505abbe00a"')).toBe('devnode "^sd"');
    expect(hidden('wwid ".*"', 'wwid "36b0*"')).toBeNull();
  });

  it("matches a device section by the fields that the rule has", () => {
    expect(hidden('device {\n vendor "DELL"\n}')).toBe('device { vendor "DELL" }');
    expect(hidden('device {\n vendor "DELL"\n product "^MD3[46]"\n}')).toBeNull();
  });

  it("ignores an invalid rule", () => expect(hidden('devnode "sd["')).toBeNull());
});

describe("the lines that add a disk to a whitelist", () => {
  it("match the disk, for any characters in its names", () => {
    const unclear = { ...disk, wwid: "1IBM     2105(F20) *+1", vendor: "IBM", model: "2105(F20)+[x]" };
    for (const [rules, exceptions] of [
      ['wwid ".*"', 'wwid "36b0"'],
      ['device {\n vendor ".*"\n}', 'device {\n vendor "HP"\n}'],
      ['devnode "*"', 'devnode "^sdz$"'],
    ] as const) {
      const blacklist = blacklistIn(
        multipathConfig(`blacklist {\n${rules}\n}\nblacklist_exceptions {\n${exceptions}\n}\n`),
      );
      const lines = exceptionsFor(unclear, blacklist);
      expect(lines).toHaveLength(1);
      // A section's brace is on its own line.
      const added = lines.map((line) => line.replace("{ ", "{\n").replace(/" (product|\})/g, '"\n$1')).join("\n");
      expect(hidden(rules, `${exceptions}\n${added}`, unclear)).toBeNull();
    }
  });
});
