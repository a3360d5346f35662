import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalise } from "../../src/language/normalise.ts";

describe("normalise", () => {
  it.each([
    ["host add h1 address=<http://host1.example.com|host1.example.com>", "host add h1 address=host1.example.com"],
    ["see <https://zstack.io/a?b=1&amp;c=2>", "see https://zstack.io/a?b=1&c=2"],
    ["<mailto:ops@example.com|ops@example.com>", "ops@example.com"],
    ["<tel:36011000|36011000>", "36011000"],
    ["audit list by=<@U012AB|ann>", "audit list by=@U012AB"],
    ["<@U012AB> help", "@U012AB help"],
    ["<#C1|storage> <#C1|> <#C1>", "#C1 #C1 #C1"],
    ["<!channel> <!here|here> <!subteam^S1|@ops> <!subteam^S1>", "@channel here @S1 @S1"],
    ["&lt;!channel&gt; &amp;amp;", "<!channel> &amp;"],
    ["name=“ps 1” description=‘it’s’", "name=\"ps 1\" description='it’s'"],
    ['name=“ps 1" description="a „b“"', 'name="ps 1" description="a „b“"'],
    ["description=「机房 １」 name=«ps 1»", 'description="机房 １" name="ps 1"'],
    ["x=‘it's’ y=“a b”", 'x="it\'s" y="a b"'],
    ["ｌｕｎ　ｌｉｓｔ　ｃｌｕｓｔｅｒ－１", "lun list cluster-1"],
    ["host add h1 address＝10。0。0。1 port：22", "host add h1 address=10.0.0.1 port:22"],
    [
      "sharedblock add c wwid=３６b083fe000daf018000015505abbe00a、36b083fe000daf018000015505abbe00b",
      "sharedblock add c wwid=36b083fe000daf018000015505abbe00a,36b083fe000daf018000015505abbe00b",
    ],
    ["host add h١ address=١٠.٠.٠.١ port=۲۲ last=९", "host add h1 address=10.0.0.1 port=22 last=9"],
    ["lun rescue 3٦b083fe000daf018000015505abbe00a", "lun rescue 3٦b083fe000daf018000015505abbe00a"],
    ["description=“ｆｕｌｌ １”", 'description="ｆｕｌｌ １"'],
    ["a﹦b﹐c、d،e ＜x＞ ﹤", "a=b,c,d,e ＜x> ﹤"],
    ["сluster-1", "сluster-1"],
    ['description="rack — 4 …" — x=“a – b”', 'description="rack — 4 …" -- x="a – b"'],
    ["—wipe sharedblock‑host1 10–20", "--wipe sharedblock-host1 10-20"],
    ["host\u00a0list\u200b", "host list"],
    ["wait…", "wait..."],
    ["a < b", "a < b"],
  ])("reads %s as %s", (typed, meant) => {
    expect(normalise(typed)).toBe(meant);
  });

  it("does not change plain ASCII, and so no WWID", () => {
    const plain = fc.string({ unit: "grapheme-ascii" }).map((text) => text.replace(/[<&]/g, ""));
    fc.assert(
      fc.property(plain, (text) => {
        expect(normalise(text)).toBe(text);
      }),
    );
  });

  it("changes nothing the second time if there is no markup", () => {
    const unmarked = fc.string({ unit: "binary" }).map((text) => text.replace(/[<&]/g, ""));
    const typographic = fc.string({ unit: fc.constantFrom("—", "“", "’", "\u00a0", "\u200b", "…", "a", " ", "–") });
    fc.assert(
      fc.property(fc.oneof(unmarked, typographic), (text) => {
        expect(normalise(normalise(text))).toBe(normalise(text));
      }),
    );
  });
});
