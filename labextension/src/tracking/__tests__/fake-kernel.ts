/** A fake of a notebook panel and its kernel, which answers as `nbship.magics.panel` does. */
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

import type { IKernelAnswer } from '../kernel';

export type Answered =
  Partial<IKernelAnswer> | { ename: string; evalue: string } | 'aborted' | null;

export class FakeKernel {
  constructor(public answers: (expression: string) => Answered | Promise<Answered>) {}

  status: Kernel.Status = 'idle';
  language = 'python';
  readonly requests: { code: string; silent: boolean; expression: string }[] = [];

  get spec(): Promise<{ language: string } | undefined> {
    return Promise.resolve({ language: this.language });
  }

  requestExecute(content: {
    code: string;
    silent: boolean;
    user_expressions: Record<string, string>;
  }): { done: Promise<unknown> } {
    const expression = content.user_expressions.nbship;
    this.requests.push({ code: content.code, silent: content.silent, expression });
    return { done: this._reply(expression) };
  }

  private async _reply(expression: string): Promise<unknown> {
    const answer = await this.answers(expression);
    if (answer === 'aborted') {
      return { content: { status: 'aborted' } };
    }
    return { content: { status: 'ok', user_expressions: { nbship: told(answer) } } };
  }
}

function told(answer: Answered): unknown {
  if (answer === null) {
    return { status: 'ok', data: { 'text/plain': 'None' } };
  }
  if (typeof answer === 'object' && 'ename' in answer) {
    return { status: 'error', ...answer };
  }
  const whole = { pid: 7, spool: '/s', run: null, name: null, ended: null, message: '' };
  return { status: 'ok', data: { 'application/json': { ...whole, ...(answer as object) } } };
}

export interface IFakePanel {
  panel: NotebookPanel;
  setKernel: (kernel: FakeKernel | null) => void;
  setStatus: (status: Kernel.Status) => void;
}

/** Return a panel with that kernel. */
export function fakePanel(kernel: FakeKernel | null): IFakePanel {
  const owner = {};
  const kernelChanged = new Signal<object, void>(owner);
  const statusChanged = new Signal<object, void>(owner);
  const session = { session: kernel ? { kernel } : null, kernelChanged, statusChanged };
  const content = {
    activeCell: null,
    model: null,
    activeCellChanged: new Signal<object, void>(owner),
    modelContentChanged: new Signal<object, void>(owner)
  };
  const panel = {
    id: 'panel',
    isDisposed: false,
    sessionContext: session,
    disposed: new Signal<object, void>(owner),
    content
  } as unknown as NotebookPanel;
  return {
    panel,
    setKernel: next => {
      session.session = next ? { kernel: next } : null;
      kernelChanged.emit();
    },
    setStatus: status => {
      if (session.session) {
        session.session.kernel.status = status;
      }
      statusChanged.emit();
    }
  };
}

/** Wait until a condition is true. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 3000;
  while (!condition()) {
    if (Date.now() > deadline) {
      throw new Error('It did not come true.');
    }
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
