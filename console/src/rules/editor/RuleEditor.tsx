// The editor of one rule.
export default function RuleEditor({ name }: { name: string | undefined }) {
  return <h1>{name}</h1>;
}
