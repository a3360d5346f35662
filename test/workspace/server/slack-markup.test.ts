import { describe, expect, it } from "vitest";
import { newDirectory } from "../../../src/workspace/server/directory.ts";
import { toSlackMarkup } from "../../../src/workspace/server/slack-markup.ts";
import { alice, bob } from "./connected-app.ts";

const directory = newDirectory([alice, bob]);

describe("a typed text, as Slack sends it,", () => {
  it.each([
    ["a && b <c>", "a &amp;&amp; b &lt;c&gt;"],
    ["@alice @ALICE: @alicia @nobody", "<@U0ALICE|alice> <@U0ALICE|alice>: @alicia @nobody"],
    ["#storage #elsewhere", "<#C0STORAGE|storage> #elsewhere"],
    ["see https://a.example/x?y=1&z=2.", "see <https://a.example/x?y=1&amp;z=2>."],
    ["address=host1.example.com port=22", "address=<http://host1.example.com|host1.example.com> port=22"],
    ["address=172.20.11.107 v1.2.3 a.b", "address=172.20.11.107 v1.2.3 a.b"],
    ["name=“ps 1” — wipe…", "name=“ps 1” — wipe…"],
    ["<!channel> &amp;", "&lt;!channel&gt; &amp;amp;"],
  ])("%s", (typed, sent) => expect(toSlackMarkup(typed, directory, "with names")).toBe(sent));

  it("has ids only in messages", () => {
    expect(toSlackMarkup("@zstack help @bob", directory, "ids only")).toBe("<@U0ZSTACK> help <@U0BOB>");
  });
});
