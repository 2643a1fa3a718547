import type { Heap } from "../memory/heap.ts";
import { type Feed, type FeedOptions, openFeed } from "./open-feed.ts";

/** The feeds of an engine's queries, by numbers that threads know them by. */
export interface Feeds {
  open(options: FeedOptions): Feed & { readonly feedId: number };
  /** A thread says that it has used a batch up; of a feed that may be closed. */
  attend(feedId: number): void;
}

export const createFeeds = (heap: Heap): Feeds => {
  const feeds = new Map<number, Feed>();
  let nextId = 1;
  return {
    open: (options) => {
      const feedId = nextId++;
      const feed = openFeed(heap, options);
      feeds.set(feedId, feed);
      return {
        ...feed,
        feedId,
        close: () => {
          feeds.delete(feedId);
          feed.close();
        },
      };
    },
    attend: (feedId) => feeds.get(feedId)?.attend(),
  };
};
