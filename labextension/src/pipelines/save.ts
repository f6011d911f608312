import type { INbship } from '../tokens';

/** Save a notebook that is open and has changes: what runs is the file. */
export async function saveOpen(nbship: INbship, path: string): Promise<void> {
  const { active } = nbship;
  const context = active.path === path ? active.panel?.context : undefined;
  if (context?.model.dirty) {
    await context.save();
  }
}

/** Read a notebook again that is open and whose file was changed. */
export async function readAgain(nbship: INbship, path: string): Promise<void> {
  const { active } = nbship;
  if (active.path === path) {
    await active.panel?.context.revert();
  }
}
