import type { Schemas } from '../api/operations';

/** Return the command that runs an image: pulled or loaded first, where the engine may not have it. */
export function runCommand(
  image: Pick<Schemas['ImageRecord'], 'reference' | 'archive' | 'pushed' | 'loaded'>
): string {
  const run = (reference: string) =>
    `docker run --rm --read-only -p 8080:8080 ${quoted(reference)}`;
  if (image.pushed) {
    return run(image.pushed);
  }
  return image.loaded || !image.archive
    ? run(image.reference)
    : `docker load -i ${quoted(image.archive)} && ${run(image.reference)}`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, `'"'"'`)}'`;
}
