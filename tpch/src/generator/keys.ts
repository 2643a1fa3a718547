/** The key of the `index`-th order, counted from 1: 8 of every 32 keys are used (specification clause 4.2.3). */
export function orderKey(index: number): number {
  return Math.floor(index / 8) * 32 + (index % 8);
}

/** The retail price of a part, in cents (specification clause 4.2.3, P_RETAILPRICE). */
export function retailPrice(partKey: number): number {
  return 90_000 + (Math.floor(partKey / 10) % 20_001) + (partKey % 1000) * 100;
}

export const SUPPLIERS_PER_PART = 4;

/** The `nth` (0 … 3) supplier of a part (specification clause 4.2.3, PS_SUPPKEY). */
export function supplierOfPart(partKey: number, nth: number, suppliers: number): number {
  const step = Math.floor(suppliers / SUPPLIERS_PER_PART) + Math.floor((partKey - 1) / suppliers);
  return ((partKey + nth * step) % suppliers) + 1;
}
