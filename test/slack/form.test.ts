import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formOf, secretsIn } from "../../src/slack/form.ts";
import { shownForm, wordsIn } from "./slack-limits.ts";

const words = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.nat(5000).map((count) => "x".repeat(count)),
);

describe("the form that Confirm opens", () => {
  it("says what will be lost and asks for the line to type", () => {
    const typed = { expected: "bbe00a", label: "Type the last six characters of the WWID" };
    const view = shownForm.parse(
      formOf(
        {
          operationId: "op-7",
          seal: "d.n",
          verb: "Wipe and Add",
          form: { summary: ["1 LUN is wiped.", "<!channel>"], typed, secrets: [] },
        },
        '{"id":"op-7"}',
      ),
    );
    expect(view.title.text).toBe("Confirm op-7");
    expect([view.submit.text, view.close.text]).toEqual(["Wipe and Add", "Back"]);
    expect(wordsIn(view.blocks)).toEqual(["1 LUN is wiped.", "<!channel>", typed.label]);
    expect(view.blocks.at(-1)).toMatchObject({ type: "input", block_id: "typed", element: { action_id: "typed" } });
    expect(view.private_metadata).toBe('{"id":"op-7"}');
  });
  it("asks for secrets, each in its own field", () => {
    const secrets = [{ name: "chap", label: "CHAP secret of zstack" }];
    const view = shownForm.parse(
      formOf(
        {
          operationId: "op-7",
          seal: "d.n",
          verb: "Wipe and Add",
          form: { summary: [], typed: null, secrets },
        },
        "",
      ),
    );
    const input = { type: "input", block_id: "secret-chap", element: { action_id: "secret" } };
    expect(view.blocks.at(-1)).toMatchObject({ ...input, label: { text: "CHAP secret of zstack" } });
    expect(secretsIn({ "secret-chap": { secret: { value: "x" } }, typed: { typed: { value: "y" } } })).toEqual(
      new Map([["chap", "x"]]),
    );
  });
  it("asks for nothing if reading is enough", () => {
    const view = shownForm.parse(
      formOf(
        {
          operationId: "op-7",
          seal: "d.n",
          verb: "Wipe and Add",
          form: { summary: ["Trust it?"], typed: null, secrets: [] },
        },
        "",
      ),
    );
    expect(view.blocks.map(({ type }) => type)).toEqual(["section"]);
  });
  it("keeps Slack's limits with any text", () => {
    const typed = fc.option(fc.record({ expected: words, label: words }));
    const secrets = fc.array(fc.record({ name: fc.constantFrom("chap", "other"), label: words }), { maxLength: 2 });
    const form = fc.record({ summary: fc.array(words, { maxLength: 120 }), typed, secrets });
    fc.assert(
      fc.property(form, (value) => {
        shownForm.parse(
          formOf({ operationId: "op-123456789012345678901", seal: "d.n", verb: "Wipe and Add", form: value }, "x"),
        );
      }),
    );
  });
  it("refuses to lose what it must contain", () => {
    expect(() =>
      formOf({ operationId: "op-7", seal: "d.n", verb: "Wipe and Add", form: null }, "x".repeat(3001)),
    ).toThrow("3001");
  });
});
