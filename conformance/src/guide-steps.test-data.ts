/** One step of a guide: a file to write, or commands to run. */
export type GuideStep =
  | { readonly type: 'file'; readonly path: string; readonly text: string }
  | { readonly type: 'commands'; readonly commands: readonly string[] };

/**
 * What a reader of a guide does, in its order: a block below a line that is a path and a colon, "`app.js`:", is that
 * file; a block of `sh` is typed into a shell, line by line.
 */
export function guideSteps(markdown: string): GuideStep[] {
  const blocks = markdown.matchAll(/(?:^`([^`\n]+)`:\n\n)?^```(\w+)\n([^]*?)^```$/gm);
  return Array.from(blocks, ([, path, language, text = '']): GuideStep => {
    if (path !== undefined) return { type: 'file', path, text };
    if (language === 'sh') return { type: 'commands', commands: text.trim().split('\n') };
    throw new Error(`a block of ${language} is neither a file nor commands: ${text.slice(0, 60)}`);
  });
}

/** The `run` lines of a workflow of GitHub Actions. */
export function workflowCommands(yaml: string): string[] {
  return Array.from(yaml.matchAll(/^ *- run: (.+)$/gm), ([, command = '']) => command);
}
