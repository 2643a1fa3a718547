/** Events for one reader, who gets them in order; nothing is dropped. */
export interface EventQueue<T> extends AsyncIterable<T> {
  push(event: T): void;
  end(): void;
}

export const eventQueue = <T>(): EventQueue<T> => {
  const waiting: T[] = [];
  let ended = false;
  let wake: (() => void) | undefined;
  const changed = (): void => {
    wake?.();
    wake = undefined;
  };
  return {
    push: (event) => {
      if (ended) return;
      waiting.push(event);
      changed();
    },
    end: () => {
      ended = true;
      changed();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (waiting.length > 0) yield waiting.shift()!;
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
};
