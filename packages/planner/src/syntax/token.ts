/** A kind of token, or a category of kinds. */
export interface TokenType {
  readonly name: string;
  /** Counts from 0. */
  readonly index: number;
  /** The categories it belongs to, and those they belong to. */
  readonly categories: ReadonlySet<TokenType>;
}

export interface Token {
  /** As it stands in the text. */
  readonly image: string;
  readonly startOffset: number;
  readonly tokenType: TokenType;
}

const types: TokenType[] = [];

export const tokenType = (name: string, ...categories: readonly TokenType[]): TokenType => {
  const all = new Set(categories.flatMap((category) => [category, ...category.categories]));
  const type = { name, index: types.length, categories: all };
  types.push(type);
  return type;
};

/** How many there are. */
export const tokenTypeCount = (): number => types.length;

/** The type itself, and those that belong to it. */
export const membersOf = (category: TokenType): readonly TokenType[] =>
  types.filter((type) => type === category || type.categories.has(category));

/** Whether the token has the type or belongs to the category. */
export const isA = ({ tokenType: type }: Token, wanted: TokenType): boolean =>
  type === wanted || type.categories.has(wanted);

/** The end of a statement. */
export const EOF = tokenType("EOF");
