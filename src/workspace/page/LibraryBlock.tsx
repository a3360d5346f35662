import { Component, type ComponentProps, type ReactNode, useContext } from "react";
import { Message } from "slack-blocks-to-jsx";
import { z } from "zod";
import { EveryoneContext } from "./names.ts";
import { shownDate } from "./slack-date.ts";

/**
 * What slack-blocks-to-jsx draws: these two it shows exactly as they are sent. Its mrkdwn turns an escaped
 * `&lt;!channel&gt;` into a mention and drops lines that look like headings, so every other block is drawn here.
 */
export const LIBRARY_BLOCKS: ReadonlySet<string> = new Set(["rich_text", "markdown"]);

type Blocks = ComponentProps<typeof Message>["blocks"];
interface Props {
  readonly block: { readonly type: string };
}

/** A block drawn by the library, without its styles: the page has its own. */
export function LibraryBlock({ block }: Props) {
  const users = useContext(EveryoneContext).map(({ id, name }) => ({ id, name }));
  return (
    <Unbroken fallback={<p className="unknown-block">A “{block.type}” block that this page can't show.</p>}>
      <div className="library-block">
        <Message
          // The server has checked the block by Slack's rules; a shape that the library does not expect is caught above.
          blocks={[withShownDates(block)] as unknown as Blocks}
          logo=""
          name=""
          withoutWrapper
          unstyled
          data={{ users }}
        />
      </div>
    </Unbroken>
  );
}

/** The library writes every date in American English. */
function withShownDates(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withShownDates);
  if (typeof value !== "object" || value === null) return value;
  if ("type" in value && value.type === "date") {
    const date = dateSchema.safeParse(value);
    if (!date.success) return value;
    const { format, timestamp, fallback, style } = date.data;
    return { type: "text", text: shownDate(format, timestamp, fallback), ...(style === undefined ? {} : { style }) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withShownDates(each)]));
}

const dateSchema = z.looseObject({
  timestamp: z.number(),
  format: z.string(),
  fallback: z.string().default(""),
  style: z.unknown(),
});

/** One block that throws must not take the page down. */
class Unbroken extends Component<{ fallback: ReactNode; children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };
  static getDerivedStateFromError() {
    return { broken: true };
  }
  override render() {
    return this.state.broken ? this.props.fallback : this.props.children;
  }
}
