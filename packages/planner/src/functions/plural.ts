/** `no columns`, `1 column`, `2 columns`. */
export const plural = (count: number, noun: string): string =>
  count === 0 ? `no ${noun}s` : count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
