import type { PageMessage, PageState, Person } from "../page-protocol.ts";
import { Composer } from "./Composer.tsx";
import { Message } from "./Message.tsx";
import { NewMessages } from "./NewMessages.tsx";
import { Troubles } from "./Troubles.tsx";
import { useNewest } from "./use-newest.ts";
import type { UserActions } from "./use-workspace.ts";
import type { Trouble } from "./workspace-state.ts";

interface Props {
  readonly page: PageState;
  readonly me: Person;
  readonly messages: readonly PageMessage[];
  readonly troubles: readonly Trouble[];
  readonly userActions: UserActions;
  readonly openedThread: string | null;
  readonly isHidden: boolean;
  openThread(ts: string): void;
}

/** The channel's messages, the newest in sight, and the line to type on. */
export function Channel({ page, me, messages, troubles, userActions, openedThread, isHidden, openThread }: Props) {
  const inChannel = messages.filter(({ threadTs, inChannelToo }) => threadTs === null || inChannelToo);
  const newest = useNewest(inChannel.at(-1)?.ts ?? null);
  return (
    <main className="pane channel" hidden={isHidden}>
      <div className="scroller" ref={newest.scroller}>
        <div className="messages" ref={newest.content} role="log" aria-label={`Messages in #${page.channel.name}`}>
          {inChannel.length === 0 ? <Beginning name={page.channel.name} /> : null}
          {inChannel.map((message) => (
            <Message
              key={message.ts}
              message={message}
              bot={page.bot}
              replies={messages.filter(({ threadTs }) => threadTs === message.ts).length}
              inOpenedThread={(message.threadTs ?? message.ts) === openedThread}
              userActions={userActions}
              openThread={openThread}
            />
          ))}
        </div>
      </div>
      <NewMessages newest={newest} />
      <Troubles troubles={troubles} dismiss={userActions.dismissTrouble} />
      <Composer
        key={me.id}
        label={`Message #${page.channel.name}`}
        page={page}
        me={me}
        threadTs={null}
        userActions={userActions}
        onSent={newest.goToNewest}
      />
    </main>
  );
}

function Beginning({ name }: { name: string }) {
  return (
    <div className="beginning">
      <h2>This is the beginning of #{name}</h2>
      <p>
        Type <code>/zstack</code> for a menu. Everyone in the channel can read commands and answers.
      </p>
    </div>
  );
}
