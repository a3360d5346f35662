import { expect, it } from "vitest";
import { wordsAfterMention } from "../../src/slack/words.ts";

it.each([
  ["<@UBOT> zone list", "zone list"],
  ["<@UBOT|zstack> zone list", "zone list"],
  ["<@U1> <@UBOT> zone list", "zone list"],
  ["hey <@U1>, see: <@UBOT> lun list cluster-1", "lun list cluster-1"],
  ["<@UBOT> operation list <@U1>", "operation list <@U1>"],
  ["zone list <@UBOT>", "zone list"],
  ["<@UBOT>\nzone list", "zone list"],
  ["<@UBOT> zone list <@UBOT>", "zone list"],
  ["*<@UBOT> lun list c*", "*lun list c*"],
  ["&gt; • <@UBOT> lun list c", "lun list c"],
  ["<@UBOT>", ""],
  ["<@U1> zone list", "<@U1> zone list"],
])("of %j the bot takes %j", (text, words) => {
  expect(wordsAfterMention("UBOT", text)).toBe(words);
});
