/** Events in virtual time, earliest first; of equal times the first that was added. */
export interface Clock {
  readonly now: number;
  at(time: number, action: () => void): void;
  /** Runs the next action; false when there is none. */
  advance(): boolean;
}

interface Entry {
  readonly time: number;
  readonly order: number;
  readonly action: () => void;
}

const before = (a: Entry, b: Entry): boolean => a.time < b.time || (a.time === b.time && a.order < b.order);

export const createClock = (): Clock => {
  const heap: Entry[] = [];
  let order = 0;
  let now = 0;
  const swap = (i: number, j: number): void => {
    [heap[i], heap[j]] = [heap[j]!, heap[i]!];
  };
  return {
    get now() {
      return now;
    },
    at(time, action) {
      heap.push({ time: Math.max(time, now), order: order++, action });
      for (let i = heap.length - 1; i > 0; ) {
        const parent = (i - 1) >> 1;
        if (!before(heap[i]!, heap[parent]!)) break;
        swap(i, parent);
        i = parent;
      }
    },
    advance() {
      const first = heap[0];
      if (first === undefined) return false;
      const last = heap.pop()!;
      if (heap.length > 0) {
        heap[0] = last;
        for (let i = 0; ; ) {
          let least = i;
          for (const child of [2 * i + 1, 2 * i + 2]) {
            if (child < heap.length && before(heap[child]!, heap[least]!)) least = child;
          }
          if (least === i) break;
          swap(i, least);
          i = least;
        }
      }
      now = first.time;
      first.action();
      return true;
    },
  };
};
