import type { Distribution } from "./distribution.ts";
import {
  adjectives,
  adverbs,
  articles,
  auxiliaries,
  nounPhrases,
  nouns,
  prepositions,
  sentences,
  terminators,
  verbPhrases,
  verbs,
} from "./grammar.ts";
import { RandomStream } from "./random-stream.ts";

/** Bytes of the text pool of which every comment is a piece: 300 MiB (specification clause 4.2.2.10). */
export const TEXT_POOL_SIZE = 300 * 1024 * 1024;

const TEXT_POOL_SEED = 933588178;

/** Longer than any sentence, so that the last one may run past the end of the pool. */
const SLACK = 512;

const encoder = new TextEncoder();

/** Words ready to be copied: each followed by what comes between it and the next word. */
interface Slot {
  readonly from: Distribution;
  readonly words: readonly Uint8Array[];
}

function slot(from: Distribution, suffix: string): Slot {
  return { from, words: from.words.map((word) => encoder.encode(word + suffix)) };
}

/** Compiles phrase forms such as "J, J N", whose letters name distributions, into the slots to fill. */
function phraseSlots(forms: Distribution, letters: Readonly<Record<string, Distribution>>): readonly Slot[][] {
  return forms.words.map((form) =>
    form.split(" ").map((token) => slot(letters[token.charAt(0)]!, `${token.slice(1)} `)),
  );
}

/** Writes the pool, sentence after sentence, all drawn from one stream. */
class PoolWriter {
  readonly #stream = new RandomStream(TEXT_POOL_SEED);
  readonly #target: Uint8Array;
  readonly #nounPhrases = phraseSlots(nounPhrases, { A: articles, J: adjectives, D: adverbs, N: nouns });
  readonly #verbPhrases = phraseSlots(verbPhrases, { D: adverbs, V: verbs, X: auxiliaries });
  readonly #preposition = slot(prepositions, " the ");
  readonly #terminator = slot(terminators, " ");
  #position = 0;

  constructor(target: Uint8Array) {
    this.#target = target;
  }

  fill(size: number): void {
    while (this.#position < size) this.#writeSentence();
  }

  #writeSentence(): void {
    const form = sentences.words[this.#draw(sentences)]!;
    for (let i = 0; i < form.length; i += 2) {
      switch (form.charAt(i)) {
        case "N":
          this.#writePhrase(this.#nounPhrases[this.#draw(nounPhrases)]!);
          break;
        case "V":
          this.#writePhrase(this.#verbPhrases[this.#draw(verbPhrases)]!);
          break;
        case "P":
          this.#writeWord(this.#preposition);
          this.#writePhrase(this.#nounPhrases[this.#draw(nounPhrases)]!);
          break;
        default:
          this.#position--; // a terminator takes the place of the space before it
          this.#writeWord(this.#terminator);
      }
    }
  }

  #writePhrase(slots: readonly Slot[]): void {
    for (let i = 0; i < slots.length; i++) this.#writeWord(slots[i]!);
  }

  #writeWord(slot: Slot): void {
    const word = slot.words[this.#draw(slot.from)]!;
    const target = this.#target;
    const start = this.#position;
    for (let i = 0; i < word.length; i++) target[start + i] = word[i]!;
    this.#position = start + word.length;
  }

  #draw(from: Distribution): number {
    return from.indexOfDraw[this.#stream.between(1, from.totalWeight)]!;
  }
}

/** The pool's text. The memory is shared, so that worker threads read one copy; writing it takes a few seconds. */
export function writeTextPool(): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(TEXT_POOL_SIZE + SLACK);
  new PoolWriter(new Uint8Array(buffer)).fill(TEXT_POOL_SIZE);
  return buffer;
}
