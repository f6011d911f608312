import type { Kernel, KernelMessage } from '@jupyterlab/services';

/** How the session's run ended. */
export interface IEndedRun {
  run: string;
  name: string;
  status: string;
  reason: string;
  cells: number;
  warnings: string[];
}

/** How tracking stands in a kernel, in the words of `nbship.magics.panel`. */
export interface IKernelAnswer {
  state: 'not_loaded' | 'off' | 'on' | 'step';
  pid: number;
  /** The folder of the local queue that the kernel writes to. */
  spool: string;
  run: string | null;
  name: string | null;
  ended: IEndedRun | null;
  /** What went wrong; empty where nothing did. */
  message: string;
}

export type KernelCall = 'status' | 'load' | 'turn_on' | 'turn_off';

/** Thrown when a kernel cannot answer. */
export class KernelError extends Error {
  constructor(
    message: string,
    /** Whether nbship is not installed where the kernel runs. */
    readonly missing: boolean
  ) {
    super(message);
    this.name = 'KernelError';
  }
}

/**
 * Ask a kernel about tracking, or to switch it.
 *
 * Nothing shows in the notebook: the request is silent and runs no code but the call, as a user expression.
 * A kernel that is busy answers when it is done. Asking for the status imports nothing.
 */
export async function askKernel(
  kernel: Kernel.IKernelConnection,
  call: KernelCall
): Promise<IKernelAnswer> {
  const reply = await request(kernel, call);
  // Requests that wait while a cell fails are dropped by the kernel; this one has nothing to do with that cell.
  return read(reply ?? (await request(kernel, call)));
}

type UserExpression =
  | { status: 'ok'; data: Record<string, unknown> }
  | { status: 'error'; ename: string; evalue: string };

const KEY = 'nbship';
const PANEL = '__import__("nbship.magics.panel", fromlist=["panel"])';
const CALLS: Record<KernelCall, string> = {
  status: `(lambda loaded: loaded and ${PANEL}.status())(__import__("sys").modules.get("nbship.magics.extension"))`,
  load: `${PANEL}.load()`,
  turn_on: `${PANEL}.turn_on()`,
  turn_off: `${PANEL}.turn_off()`
};
const NOT_LOADED: IKernelAnswer = {
  state: 'not_loaded',
  pid: 0,
  spool: '',
  run: null,
  name: null,
  ended: null,
  message: ''
};

async function request(
  kernel: Kernel.IKernelConnection,
  call: KernelCall
): Promise<UserExpression | null> {
  const future = kernel.requestExecute(
    {
      code: '',
      silent: true,
      store_history: false,
      allow_stdin: false,
      stop_on_error: false,
      user_expressions: { [KEY]: CALLS[call] }
    },
    true
  );
  const { content } = (await future.done) as KernelMessage.IExecuteReplyMsg;
  if (content.status !== 'ok') {
    return null;
  }
  const found = content.user_expressions?.[KEY] as UserExpression | undefined;
  return found ?? { status: 'error', ename: '', evalue: 'The kernel gave no answer.' };
}

function read(found: UserExpression | null): IKernelAnswer {
  if (!found) {
    throw new KernelError('The kernel dropped the request.', false);
  }
  if (found.status === 'error') {
    throw new KernelError(`${found.ename}: ${found.evalue}`, found.ename === 'ModuleNotFoundError');
  }
  const answer = found.data['application/json'] as IKernelAnswer | undefined;
  return answer ?? NOT_LOADED;
}
