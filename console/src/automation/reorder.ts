// Moving a rule among others: which orders have to be written so that it stands where it was put.

interface Ordered {
  readonly name: string;
  readonly order: number;
}

const MOST = 1000;

/** The rules in their new sequence with orders that keep it; they have what the rules had before, where that will do. */
export function moved(rules: readonly Ordered[], from: number, to: number): Ordered[] {
  const sequence = [...rules];
  const [taken] = sequence.splice(from, 1);
  if (!taken) return sequence;
  sequence.splice(Math.max(0, Math.min(sequence.length, to)), 0, taken);
  let last = 0;
  const orders = rules
    .map(({ order }) => order)
    .sort((a, b) => a - b)
    .map((order) => (last = Math.max(last + 1, order)));
  const fits = last <= MOST;
  return sequence.map(({ name }, at) => ({ name, order: fits ? (orders[at] ?? at + 1) : at + 1 }));
}
