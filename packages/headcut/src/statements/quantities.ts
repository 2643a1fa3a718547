/** `3.14 ms`, `31.4 ms` */
export const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} ms`;

/** `512 B`, `1.5 MiB` */
export const bytes = (value: number): string => {
  const units = ["B", "KiB", "MiB", "GiB"];
  const unit = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log2(value) / 10));
  return `${(value / 1024 ** unit).toFixed(unit === 0 ? 0 : 1)} ${units[unit]}`;
};

/** `1 task`, `2 tasks` */
export const count = (value: number, noun: string): string => `${value} ${noun}${value === 1 ? "" : "s"}`;
