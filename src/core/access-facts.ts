import type { BoundChannel, Grant } from "./role.ts";

/** Who may do what, as the bot's own records say it. It has no side effects. */
export interface AccessFacts {
  grants(): readonly Grant[];
  channels(): readonly BoundChannel[];
}

/** What actions change of it. Each change is decided at once, and resolves when it is on disk. */
export interface AccessNotes extends AccessFacts {
  /** Replaces the grants with what `change` makes of them; its result is returned. It may throw a Refusal. */
  changeGrants<R>(change: (grants: readonly Grant[]) => readonly [next: readonly Grant[], result: R]): Promise<R>;
  changeChannels<R>(
    change: (channels: readonly BoundChannel[]) => readonly [next: readonly BoundChannel[], result: R],
  ): Promise<R>;
}
