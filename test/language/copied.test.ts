import { expect, it } from "vitest";
import { copied } from "../../src/language/copied.ts";

it.each([
  "lun list c",
  "/zstack lun list c",
  "/zstack-test lun list c",
  "`lun list c`",
  "`/zstack lun list c`",
  "```lun list c```",
  "```\n/zstack lun list c\n```",
  ": lun list c",
  ", lun list c",
  "> lun list c",
  "> • `/zstack lun list c`",
  "• lun list c",
  "- lun list c",
  "* lun list c",
  "1. lun list c",
  "2) lun list c",
  "*lun list c*",
  "_lun list c_",
  "~lun list c~",
  "*`lun list c`*",
  "`*lun list c*`",
  '"lun list c"',
  "'lun list c'",
  "Type next /zstack lun list c",
  "Fix: /zstack lun list c",
  "`lun list c`.",
  "`lun list` c",
  "lun list `c`",
  "*lun list* c",
  "lun list *c*",
  "@zstack lun list c",
  "zstack: lun list c",
  "$ lun list c",
])("%j becomes the command", (text) => {
  expect(copied(text)).toBe("lun list c");
});

it("removes a quotation's marks from each of its lines", () => {
  expect(copied("> sharedblock add c\n> wwid=36b0")).toBe("sharedblock add c\nwwid=36b0");
});

it.each([
  "",
  "help",
  'sharedblock describe ps description="a *b* `c`"',
  "sharedblock describe ps description='rack 4'",
  "host show *",
  "--help",
  "?",
  "operation show 1",
  "iscsi logout h1 target=iqn.2026-11.com.example:*",
  "zone add _z_",
  "/etc/hosts",
  "/zstackish",
  "zstackish x",
  "lun list a*b*c",
  "sharedblock add c wwid=`reboot`",
  "sharedblock describe ps description='a `b` *c*'",
  "iscsi logout h1 target=iqn.a:* portal=*",
])("does not change %j", (text) => {
  expect(copied(text)).toBe(text);
});
