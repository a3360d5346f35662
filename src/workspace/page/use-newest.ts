import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const NEAR_PX = 48;

export interface Newest {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  /** Something came that the reader, who scrolled up, has not seen. */
  readonly unseen: boolean;
  goToNewest(): void;
}

/** Keeps the newest in sight as the content grows, unless the reader scrolled up. */
export function useNewest(newestKey: string | null): Newest {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const drawn = useRef({ scrollHeight: 0, clientHeight: 0 });
  const [unseen, setUnseen] = useState(false);

  const goToNewest = () => {
    setUnseen(false);
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  };
  // Whether the reader was at the end of what was drawn last. It is asked of the box itself: a scroll event comes a
  // frame
  // later, and a message may arrive before that.
  const atEnd = useCallback(
    (box: HTMLDivElement) => drawn.current.scrollHeight - box.scrollTop - drawn.current.clientHeight < NEAR_PX,
    [],
  );
  const follow = useCallback(
    (box: HTMLDivElement) => {
      const followed = atEnd(box);
      if (followed) box.scrollTop = box.scrollHeight;
      drawn.current = { scrollHeight: box.scrollHeight, clientHeight: box.clientHeight };
      return followed;
    },
    [atEnd],
  );

  useEffect(() => {
    const box = scroller.current;
    const inside = content.current;
    if (box === null || inside === null) return;
    const onScroll = () => {
      if (atEnd(box)) setUnseen(false);
    };
    // A message that is revised in place grows without a new one coming; a narrower window makes everything taller.
    const grown = new ResizeObserver(() => follow(box));
    grown.observe(inside);
    grown.observe(box);
    box.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      grown.disconnect();
      box.removeEventListener("scroll", onScroll);
    };
  }, [atEnd, follow]);

  useLayoutEffect(() => {
    const box = scroller.current;
    if (newestKey !== null && box !== null && !follow(box)) setUnseen(true);
  }, [newestKey, follow]);

  return { scroller, content, unseen, goToNewest };
}
