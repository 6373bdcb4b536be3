const CONTRACTIONS = [
  /\bDROP\s+(?:TABLE|COLUMN|FUNCTION)\b/iv,
  /\bRENAME\b/iv,
  /\bALTER\s+COLUMN\s+\w+\s+(?:TYPE|SET\s+NOT\s+NULL|DROP\s+DEFAULT)\b/iv,
  /\bADD\s+COLUMN\s+(?![^,;]*\bDEFAULT\b)[^,;]*\bNOT\s+NULL\b/iv,
] as const;

/** What in a migration would break processes of the previous release that still run on the same schema. */
export function findContractions(sql: string): string[] {
  const code = sql.replaceAll(/--[^\n]*/gv, '');
  return CONTRACTIONS.flatMap((pattern) => pattern.exec(code)?.[0] ?? []);
}
