/** Counts who reads a table, so that its memory goes with the last of them once it is dropped. */
export interface Readers {
  readonly isDropped: () => boolean;
  /** One reads from now until the returned function is called, which may be more than once. */
  readonly enter: () => () => void;
  /** No new ones come. */
  readonly drop: () => void;
}

/** `free` is called once nobody reads and nobody will. */
export const countReaders = (free: () => void): Readers => {
  let readers = 0;
  let dropped = false;
  return {
    isDropped: () => dropped,
    enter: () => {
      readers++;
      let left = false;
      return () => {
        if (left) return;
        left = true;
        readers--;
        if (dropped && readers === 0) free();
      };
    },
    drop: () => {
      dropped = true;
      if (readers === 0) free();
    },
  };
};
