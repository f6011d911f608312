import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { useVisible } from '../../core/context';

/** The cell in front, and what is asked about it. */
export interface IActiveCell {
  cell: Cell;
  /** Its number among the cells, from 1. */
  number: number;
  /** Null for a cell that holds no code. */
  request: Schemas['PreviewRequestJson'] | null;
  /** The sources of all code cells. */
  sources: string[];
}

const DELAY_MS = 400;

/**
 * Return the active cell of a notebook with the code cells above it, some time after something was written.
 * Nothing is looked at while it cannot be seen.
 */
export function useActiveCell(panel: NotebookPanel | null): IActiveCell | null {
  const visible = useVisible();
  const [found, setFound] = React.useState<IActiveCell | null>(() => read(panel));
  React.useEffect(() => {
    if (!panel || !visible) {
      return;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => setFound(old => same(old, read(panel)));
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(look, DELAY_MS);
    };
    const { content } = panel;
    look();
    content.activeCellChanged.connect(look);
    content.modelContentChanged.connect(later);
    return () => {
      clearTimeout(timer);
      content.activeCellChanged.disconnect(look);
      content.modelContentChanged.disconnect(later);
    };
  }, [panel, visible]);
  return panel && found && !found.cell.isDisposed ? found : null;
}

function read(panel: NotebookPanel | null): IActiveCell | null {
  const content = panel?.isDisposed ? null : panel?.content;
  const cell = content?.activeCell;
  if (!content?.model || !cell || cell.isDisposed) {
    return null;
  }
  const models = [...content.model.cells];
  const index = content.activeCellIndex;
  const code = models.map(model =>
    model.type === 'code'
      ? { source: model.sharedModel.getSource(), tags: tagsOf(model.getMetadata('tags')) }
      : null
  );
  const own = code[index];
  const earlier = code.slice(0, index).filter(each => each !== null);
  return {
    cell,
    number: index + 1,
    request: own ? { ...own, earlier } : null,
    sources: code.flatMap(each => (each ? [each.source] : []))
  };
}

function tagsOf(tags: unknown): string[] {
  return Array.isArray(tags) ? tags.filter(tag => typeof tag === 'string') : [];
}

// Outputs change a notebook too; what is the same stays the same object, so that nothing is asked again.
function same(old: IActiveCell | null, now: IActiveCell | null): IActiveCell | null {
  const unchanged =
    old !== null &&
    now !== null &&
    old.cell === now.cell &&
    old.number === now.number &&
    JSON.stringify([old.request, old.sources]) === JSON.stringify([now.request, now.sources]);
  return unchanged ? old : now;
}
