import { Notification } from '@jupyterlab/apputils';

import { asApiError } from '../../api/error';
import { confirm } from '../../components';
import { useNbship } from '../../core/context';
import { useTab } from '../../core/tabs';
import { useRun } from './parts';
import type { RunDetail } from './RunTab';

export interface ICuration {
  archive: (archived: boolean) => Promise<void>;
  remove: () => Promise<void>;
}

/** Put a run away, bring it back, or delete it; lists are told. */
export function useCuration(run: RunDetail, onChange: () => void): ICuration {
  const nbship = useNbship();
  const { place } = useRun();
  const tab = useTab();
  const { api, trans } = nbship;
  const runs = [run.id];
  const query = { path: place };

  const attempt = async (ask: () => Promise<unknown>): Promise<boolean> => {
    try {
      await ask();
      return true;
    } catch (thrown) {
      const { message, hint } = asApiError(thrown, trans);
      Notification.error(`${message}\n${hint}`.trim(), { autoClose: false });
      return false;
    } finally {
      nbship.refresh();
    }
  };

  return {
    archive: async archived => {
      if (await attempt(() => api.post('/runs/archive', { query, body: { runs, archived } }))) {
        onChange();
      }
    },
    remove: async () => {
      const sure = await confirm(trans, {
        title: trans.__('Delete this run?'),
        body: trans.__(
          '%1 can be restored until somebody empties the store with "mlflow gc".',
          run.name
        ),
        accept: trans.__('Delete'),
        danger: true
      });
      if (!sure || !(await attempt(() => api.post('/runs/delete', { query, body: { runs } })))) {
        return;
      }
      tab.close();
      Notification.success(trans.__('%1 was deleted', run.name), {
        autoClose: 10_000,
        actions: [
          {
            label: trans.__('Undo'),
            callback: () => void attempt(() => api.post('/runs/restore', { query, body: { runs } }))
          }
        ]
      });
    }
  };
}
