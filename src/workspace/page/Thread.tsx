import type { PageMessage, PageState, Person } from "../page-protocol.ts";
import { Composer } from "./Composer.tsx";
import { countOf, Message } from "./Message.tsx";
import { NewMessages } from "./NewMessages.tsx";
import { useNewest } from "./use-newest.ts";
import type { UserActions } from "./use-workspace.ts";

interface Props {
  readonly page: PageState;
  readonly me: Person;
  readonly messages: readonly PageMessage[];
  readonly parent: PageMessage;
  readonly userActions: UserActions;
  close(): void;
}

/** One thread next to the channel: the message, its replies and a line for an answer. */
export function Thread({ page, me, messages, parent, userActions, close }: Props) {
  const replies = messages.filter(({ threadTs }) => threadTs === parent.ts);
  const newest = useNewest(replies.at(-1)?.ts ?? null);
  return (
    <aside className="pane thread" aria-label="Thread">
      <header className="thread-head">
        <h2>Thread</h2>
        <button type="button" className="icon" onClick={close} aria-label="Close thread">
          ✕
        </button>
      </header>
      <div className="scroller" ref={newest.scroller}>
        <div className="messages" ref={newest.content} role="log" aria-label="Messages in the thread">
          <Message message={parent} bot={page.bot} userActions={userActions} />
          <p className="reply-count">{replies.length === 0 ? "No replies yet" : countOf(replies.length)}</p>
          {replies.map((reply) => (
            <Message key={reply.ts} message={reply} bot={page.bot} userActions={userActions} />
          ))}
        </div>
      </div>
      <NewMessages newest={newest} />
      {/* The line sends into the channel, where a direct message has no thread. */}
      {parent.onlyFor === null ? (
        <Composer
          key={me.id}
          label="Reply in the thread"
          page={page}
          me={me}
          threadTs={parent.ts}
          userActions={userActions}
          onSent={newest.goToNewest}
        />
      ) : null}
    </aside>
  );
}
