import { distribution } from "./distribution.ts";

// The word lists of TPC-H specification clause 4.2.2.13, in the order of the reference data, on which draws depend.

/** Part containers. */
export const containers = distribution(
  ["SM", "LG", "MED", "JUMBO", "WRAP"].flatMap((size) =>
    ["CASE", "BOX", "BAG", "JAR", "PACK", "PKG", "CAN", "DRUM"].map((kind) => `${size} ${kind}`),
  ),
);

/** Part types: size or finish, treatment, metal. */
export const partTypes = distribution(
  ["STANDARD", "SMALL", "MEDIUM", "LARGE", "ECONOMY", "PROMO"].flatMap((syllable1) =>
    ["ANODIZED", "BURNISHED", "PLATED", "POLISHED", "BRUSHED"].flatMap((syllable2) =>
      ["TIN", "NICKEL", "BRASS", "STEEL", "COPPER"].map((syllable3) => `${syllable1} ${syllable2} ${syllable3}`),
    ),
  ),
);

/** Words of part names. */
export const colors = distribution([
  "almond",
  "antique",
  "aquamarine",
  "azure",
  "beige",
  "bisque",
  "black",
  "blanched",
  "blue",
  "blush",
  "brown",
  "burlywood",
  "burnished",
  "chartreuse",
  "chiffon",
  "chocolate",
  "coral",
  "cornflower",
  "cornsilk",
  "cream",
  "cyan",
  "dark",
  "deep",
  "dim",
  "dodger",
  "drab",
  "firebrick",
  "floral",
  "forest",
  "frosted",
  "gainsboro",
  "ghost",
  "goldenrod",
  "green",
  "grey",
  "honeydew",
  "hot",
  "indian",
  "ivory",
  "khaki",
  "lace",
  "lavender",
  "lawn",
  "lemon",
  "light",
  "lime",
  "linen",
  "magenta",
  "maroon",
  "medium",
  "metallic",
  "midnight",
  "mint",
  "misty",
  "moccasin",
  "navajo",
  "navy",
  "olive",
  "orange",
  "orchid",
  "pale",
  "papaya",
  "peach",
  "peru",
  "pink",
  "plum",
  "powder",
  "puff",
  "purple",
  "red",
  "rose",
  "rosy",
  "royal",
  "saddle",
  "salmon",
  "sandy",
  "seashell",
  "sienna",
  "sky",
  "slate",
  "smoke",
  "snow",
  "spring",
  "steel",
  "tan",
  "thistle",
  "tomato",
  "turquoise",
  "violet",
  "wheat",
  "white",
  "yellow",
]);

/** Lineitem shipping instructions. */
export const shipInstructions = distribution(["DELIVER IN PERSON", "COLLECT COD", "TAKE BACK RETURN", "NONE"]);

/** Lineitem shipping modes. */
export const shipModes = distribution(["REG AIR", "AIR", "RAIL", "TRUCK", "MAIL", "FOB", "SHIP"]);

/** Return flags of lines that have been received. */
export const returnFlags = distribution(["R", "A"]);

/** Order priorities. */
export const orderPriorities = distribution(["1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"]);

/** Customer market segments. */
export const marketSegments = distribution(["AUTOMOBILE", "BUILDING", "FURNITURE", "HOUSEHOLD", "MACHINERY"]);

/** Regions, by region key. */
export const regions = distribution(["AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"]);

/** Nations by nation key, each with its region key (clause 4.2.3). */
export const nations: readonly (readonly [name: string, regionKey: number])[] = [
  ["ALGERIA", 0],
  ["ARGENTINA", 1],
  ["BRAZIL", 1],
  ["CANADA", 1],
  ["EGYPT", 4],
  ["ETHIOPIA", 0],
  ["FRANCE", 3],
  ["GERMANY", 3],
  ["INDIA", 2],
  ["INDONESIA", 2],
  ["IRAN", 4],
  ["IRAQ", 4],
  ["JAPAN", 2],
  ["JORDAN", 4],
  ["KENYA", 0],
  ["MOROCCO", 0],
  ["MOZAMBIQUE", 0],
  ["PERU", 1],
  ["CHINA", 2],
  ["ROMANIA", 3],
  ["SAUDI ARABIA", 4],
  ["VIETNAM", 2],
  ["RUSSIA", 3],
  ["UNITED KINGDOM", 3],
  ["UNITED STATES", 1],
];
