const CONTRACTIONS = [
  /\bDROP\s+(?:TABLE|COLUMN|FUNCTION)\b/iv,
  /\bRENAME\b/iv,
  /\bALTER\s+COLUMN\s+\w+\s+(?:TYPE|SET\s+NOT\s+NULL|DROP\s+DEFAULT)\b/iv,
  /\bADD\s+COLUMN\s+(?![^,;]*\bDEFAULT\b)[^,;]*\bNOT\s+NULL\b/iv,
] as const;

/** With this line a migration says which schema number a process must know to go on; older ones drain. */
const OLDEST_READER = /^-- oldest_reader: \d+$/mv;

/** What in a migration would break older processes that still run on the same schema, and that it does not tell to drain. */
export function findContractions(sql: string): string[] {
  if (OLDEST_READER.test(sql)) return [];
  const code = sql.replaceAll(/--[^\n]*/gv, '');
  return CONTRACTIONS.flatMap((pattern) => pattern.exec(code)?.[0] ?? []);
}
