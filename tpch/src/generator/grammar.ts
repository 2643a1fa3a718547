import { distribution } from "./distribution.ts";

// The grammar of the comment text, TPC-H specification clause 4.2.2.14. Spellings and weights are those of the
// reference data: "whithout" is no mistake of ours.

/** Articles. */
export const articles = distribution([["the", 50], ["a", 20], ["an", 5]]);

/** Nouns. */
export const nouns = distribution([["packages", 40], ["requests", 40], ["accounts", 40], ["deposits", 40], ["foxes", 20], ["ideas", 20], ["theodolites", 20], ["pinto beans", 20], ["instructions", 20], ["dependencies", 10], ["excuses", 10], ["platelets", 10], ["asymptotes", 10], ["courts", 5], ["dolphins", 5], "multipliers", "sauternes", "warthogs", "frets", "dinos", "attainments", "somas", "Tiresias", "patterns", "forges", "braids", "frays", "warhorses", "dugouts", "notornis", "epitaphs", "pearls", "tithes", "waters", "orbits", "gifts", "sheaves", "depths", "sentiments", "decoys", "realms", "pains", "grouches", "escapades", "hockey players"]);

/** Verbs. */
export const verbs = distribution([["sleep", 20], ["wake", 20], ["are", 20], ["cajole", 20], ["haggle", 20], ["nag", 10], ["use", 10], ["boost", 10], ["affix", 5], ["detect", 5], ["integrate", 5], "maintain", "nod", "was", "lose", "sublate", "solve", "thrash", "promise", "engage", "hinder", "print", "x-ray", "breach", "eat", "grow", "impress", "mold", "poach", "serve", "run", "dazzle", "snooze", "doze", "unwind", "kindle", "play", "hang", "believe", "doubt"]);

/** Adjectives. */
export const adjectives = distribution([["special", 20], ["pending", 20], ["unusual", 20], ["express", 20], "furious", "sly", "careful", "blithe", "quick", "fluffy", "slow", "quiet", "ruthless", "thin", "close", "dogged", "daring", "brave", "stealthy", "permanent", "enticing", "idle", "busy", ["regular", 50], ["final", 40], ["ironic", 40], ["even", 30], ["bold", 20], ["silent", 10]]);

/** Adverbs. */
export const adverbs = distribution(["sometimes", "always", "never", ["furiously", 50], ["slyly", 50], ["carefully", 50], ["blithely", 40], ["quickly", 30], ["fluffily", 20], "slowly", "quietly", "ruthlessly", "thinly", "closely", "doggedly", "daringly", "bravely", "stealthily", "permanently", "enticingly", "idly", "busily", "regularly", "finally", "ironically", "evenly", "boldly", "silently"]);

/** Auxiliaries. */
export const auxiliaries = distribution(["do", "may", "might", "shall", "will", "would", "can", "could", "should", "ought to", "must", "will have to", "shall have to", "could have to", "should have to", "must have to", "need to", "try to"]);

/** Prepositions. */
export const prepositions = distribution([["about", 50], ["above", 50], ["according to", 50], ["across", 50], ["after", 50], ["against", 40], ["along", 40], ["alongside of", 30], ["among", 30], ["around", 20], ["at", 10], "atop", "before", "behind", "beneath", "beside", "besides", "between", "beyond", "by", "despite", "during", "except", "for", "from", "in place of", "inside", "instead of", "into", "near", "of", "on", "outside", "over", "past", "since", "through", "throughout", "to", "toward", "under", "until", "up", "upon", "whithout", "with", "within"]);

/** What ends a sentence. */
export const terminators = distribution([[".", 50], ";", ":", "?", "!", "--"]);

/** Sentence forms: N noun phrase, V verb phrase, P prepositional phrase, T terminator. */
export const sentences = distribution([["N V T", 3], ["N V P T", 3], ["N V N T", 3], "N P V N T", "N P V P T"]);

/** Noun phrase forms: N noun, J adjective, D adverb; a comma stays. */
export const nounPhrases = distribution([["N", 10], ["J N", 20], ["J, J N", 10], ["D J N", 50]]);

/** Verb phrase forms: V verb, X auxiliary, D adverb. */
export const verbPhrases = distribution([["V", 30], "X V", ["V D", 40], "X V D"]);
