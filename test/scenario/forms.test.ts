import { afterEach, beforeEach, describe, expect } from "vitest";
import { FormOfStory, optionsIn } from "./form-of-story.ts";
import { Story } from "./story.ts";
import { ending, itSimulated as it, luns, patient } from "./target.ts";

const LIMIT_MS = patient(60_000);

describe("sharedblock add: the form", { timeout: LIMIT_MS }, () => {
  let story: Story;
  let form: FormOfStory;
  beforeEach(async () => {
    story = await Story.begin();
    form = new FormOfStory(story);
  }, LIMIT_MS);
  afterEach(() => story.ends(), LIMIT_MS);

  it("adds a storage with the form only: the plan is that of the typed command", async () => {
    await story.says("/zstack sharedblock add");
    const text = await form.shows("sharedblock add: the form", "can be used", "Can't be used");
    console.log(text);
    console.log(optionsIn(await form.luns()).join("\n"));
    expect(await form.sends({ luns: [luns.orphan], name: "ps-1", description: 'rack "4"', wipe: true })).toEqual({});
    await story.shows("Add ps-1 to cluster-1", `wwid=${luns.orphan} name=ps-1 description="rack \\"4\\"" wipe=true`);
    await story.confirms(ending(luns.orphan));
    await story.shows("Add ps-1 to cluster-1: done");
  });
});
