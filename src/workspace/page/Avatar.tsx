/** A name's initials on a colour of its own. */
export function Avatar({ name, small = false }: { name: string; small?: boolean }) {
  const words = name.split(/[\s._-]+/).filter(Boolean);
  const initials = words.length > 1 ? words.map((word) => word[0]).join("") : name;
  const hue = [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 977, 7);
  return (
    <span
      className={small ? "avatar small" : "avatar"}
      style={{ backgroundColor: `hsl(${hue * 137} 38% 42%)` }}
      aria-hidden="true"
    >
      {initials.slice(0, small ? 1 : 2).toUpperCase()}
    </span>
  );
}
