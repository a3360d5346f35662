const UNITS = "kmgtpe";

/**
 * `2.2T`, `<2.18t`, `512B`, `2,2T` in some languages; null for anything else. Tools round. lsblk always counts in
 * powers of 1024, LVM in powers of 1000 if the unit is a capital letter.
 */
export function bytesIn(printed: string, capital: 1000 | 1024): number | null {
  const [, number, unit = ""] = /^[<>]?(\d+(?:[.,]\d+)?) ?([kmgtpe]?)(?:i?b)?$/i.exec(printed.trim()) ?? [];
  if (number === undefined) return null;
  const base = unit === unit.toUpperCase() ? capital : 1024;
  const power = unit === "" ? 0 : UNITS.indexOf(unit.toLowerCase()) + 1;
  return Math.round(Number(number.replace(",", ".")) * base ** power);
}
