/** Parts that combine to queries over the small table no two of which have the same plan, whatever their constants. */
const filters = [
  "id > 5",
  "kind = 3 OR price < 20",
  "name LIKE '%7%'",
  "day >= DATE '2024-02-01' AND weight < 30",
  "id % 3 = 1",
  "kind IN (1, 2, 5)",
  "name <> 'name 2' AND kind < 6",
  "price BETWEEN 10 AND 90",
];
const keys = ["kind", "name", "id % 4", "kind, name", "day > DATE '2024-02-15'"];
const aggregates = [
  "count(*)",
  "sum(price)",
  "avg(weight), max(day)",
  "min(name), count(DISTINCT kind)",
  "sum(id * 2 + kind)",
  "max(CASE WHEN kind = 2 THEN price END)",
];

/** `count` queries, each of a new shape, in an order that mixes their parts. Throws RangeError when there are not so many. */
export const newShapes = (count: number): readonly string[] => {
  const all = filters.flatMap((filter) =>
    keys.flatMap((key) =>
      aggregates.map(
        (aggregate) => `SELECT ${key}, ${aggregate} FROM small WHERE ${filter} GROUP BY ${key} ORDER BY ${key}`,
      ),
    ),
  );
  if (count > all.length) throw new RangeError(`there are ${all.length} shapes, not ${count}`);
  // A stride that shares no factor with their number visits each once.
  return Array.from({ length: count }, (_, index) => all[(index * 37) % all.length]!);
};
