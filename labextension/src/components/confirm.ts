import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type * as React from 'react';

export interface IConfirmOptions {
  title: string;
  /** What will happen, and whether it can be undone. */
  body: React.ReactElement | string;
  /** What the button says, a verb: "Delete 3 runs". */
  accept: string;
  /** Whether something is lost by it. */
  danger?: boolean;
}

/** Ask before something is done. */
export async function confirm(
  trans: TranslationBundle,
  { title, body, accept, danger = false }: IConfirmOptions
): Promise<boolean> {
  const button = danger ? Dialog.warnButton : Dialog.okButton;
  const result = await showDialog({
    title,
    body,
    buttons: [Dialog.cancelButton({ label: trans.__('Cancel') }), button({ label: accept })],
    // What cannot be undone should not be what Enter does.
    defaultButton: danger ? 0 : 1
  });
  return result.button.accept;
}
