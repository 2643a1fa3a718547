import {
  Alternation,
  type Alternative,
  type ILookaheadStrategy,
  type IOrAlt,
  type IProduction,
  NonTerminal,
  Option,
  type OptionalProductionType,
  Repetition,
  RepetitionMandatory,
  RepetitionMandatoryWithSeparator,
  RepetitionWithSeparator,
  type Rule,
  Terminal,
  type TokenType,
} from "chevrotain";

/**
 * Lookahead by one token, from FIRST sets computed once per rule. Chevrotain's own strategy looks k tokens ahead and follows every
 * path anew at each choice, which takes ten times as long for a grammar of this size. An optional part is taken
 * when the next token can begin it; of alternatives the first that the next token can begin and whose gate is open. An alternative
 * that may be empty is always open.
 */
export const firstSets = (vocabulary: readonly TokenType[]): ILookaheadStrategy => {
  const size = Math.max(...vocabulary.map((type) => type.tokenTypeIdx ?? 0)) + 1;
  const ofRules = new Map<Rule, First>();

  const ofRule = (rule: Rule): First => {
    const known = ofRules.get(rule);
    if (known !== undefined) return known;
    const first = ofSequence(rule.definition);
    ofRules.set(rule, first);
    return first;
  };

  const ofSequence = (productions: readonly IProduction[]): First => {
    const starts = new Uint8Array(size);
    for (const production of productions) {
      const first = ofProduction(production);
      include(starts, first.starts);
      if (!first.mayBeEmpty) return { starts, mayBeEmpty: false };
    }
    return { starts, mayBeEmpty: true };
  };

  const ofProduction = (production: IProduction): First => {
    if (production instanceof Terminal) {
      const starts = new Uint8Array(size);
      starts[production.terminalType.tokenTypeIdx!] = 1;
      for (const member of production.terminalType.categoryMatches ?? []) starts[member] = 1;
      return { starts, mayBeEmpty: false };
    }
    if (production instanceof NonTerminal) return ofRule(production.referencedRule);
    if (production instanceof Alternation) {
      const starts = new Uint8Array(size);
      const alternatives = production.definition.map(ofProduction);
      for (const alternative of alternatives) include(starts, alternative.starts);
      return { starts, mayBeEmpty: alternatives.some(({ mayBeEmpty }) => mayBeEmpty) };
    }
    const { starts, mayBeEmpty } = ofSequence((production as Alternative).definition);
    return { starts, mayBeEmpty: mayBeEmpty || isOptional(production) };
  };

  return {
    validate: () => [],
    initialize: () => undefined,

    buildLookaheadForOptional({ rule, prodOccurrence, prodType }) {
      const production = find(rule.definition, prodOccurrence, (candidate) => candidate instanceof classes[prodType]);
      const { starts } = ofSequence(production.definition);
      return function (this: Looking) {
        return starts[this.LA(1).tokenTypeIdx] === 1;
      };
    },

    buildLookaheadForAlternation({ rule, prodOccurrence, hasPredicates }) {
      const production = find(rule.definition, prodOccurrence, (candidate) => candidate instanceof Alternation);
      const alternatives = production.definition.map(ofProduction);
      const opens = (index: number, type: number): boolean =>
        alternatives[index]!.mayBeEmpty || alternatives[index]!.starts[type] === 1;
      if (hasPredicates) {
        return function (this: Looking, choices: IOrAlt<unknown>[] = []) {
          const type = this.LA(1).tokenTypeIdx;
          for (let index = 0; index < alternatives.length; index++) {
            if (!opens(index, type)) continue;
            const gate = choices[index]!.GATE;
            if (gate === undefined || gate.call(this)) return index;
          }
          return undefined;
        };
      }
      // Which alternative each token chooses, plus one; 0 for none.
      const choice = new Uint8Array(size);
      for (let index = alternatives.length - 1; index >= 0; index--) {
        const { starts, mayBeEmpty } = alternatives[index]!;
        if (mayBeEmpty) choice.fill(index + 1);
        else
          starts.forEach((starting, type) => {
            if (starting === 1) choice[type] = index + 1;
          });
      }
      return function (this: Looking) {
        const chosen = choice[this.LA(1).tokenTypeIdx]!;
        return chosen === 0 ? undefined : chosen - 1;
      };
    },
  };
};

/** The tokens that may begin something, by their type's index. */
interface First {
  readonly starts: Uint8Array;
  readonly mayBeEmpty: boolean;
}

interface Looking {
  LA(ahead: number): { readonly tokenTypeIdx: number };
}

const classes = {
  Option,
  Repetition,
  RepetitionWithSeparator,
  RepetitionMandatory,
  RepetitionMandatoryWithSeparator,
} satisfies Record<OptionalProductionType, unknown>;

const isOptional = (production: IProduction): boolean =>
  production instanceof Option || production instanceof Repetition || production instanceof RepetitionWithSeparator;

const include = (into: Uint8Array, from: Uint8Array): void => {
  for (let index = 0; index < from.length; index++) into[index]! |= from[index]!;
};

interface Composite extends IProduction {
  readonly idx: number;
  readonly definition: IProduction[];
}

/** The production with that number; chevrotain numbers each kind of production within its rule. */
const find = (
  productions: IProduction[],
  occurrence: number,
  isKind: (production: IProduction) => boolean,
): Composite => {
  const pending = [...productions];
  for (let production = pending.pop(); production !== undefined; production = pending.pop()) {
    const composite = production as Composite;
    if (isKind(production) && composite.idx === occurrence) return composite;
    if (!(production instanceof NonTerminal) && composite.definition !== undefined)
      pending.push(...composite.definition);
  }
  throw new Error(`internal error: no production ${occurrence}`);
};
