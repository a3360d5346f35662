import { Component, type ComponentProps, type ReactNode, useContext } from "react";
import { Message } from "slack-blocks-to-jsx";
import { EveryoneContext } from "./names.ts";
import { withShownDates } from "./slack-date.ts";

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
