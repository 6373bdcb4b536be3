/** Fails early, in one line, where `npm run` did not pick up the pinned Node (its install script was not allowed to run). */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Belfry needs Node >= 22.18 and found ${process.versions.node}. The pinned Node comes with \`npm ci\`; if install scripts are switched off, run \`npm rebuild node\`.`,
  );
  process.exit(1);
}
