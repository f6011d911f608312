import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ReactWidget, ToolbarButtonComponent, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import { INbship } from '../tokens';
import { trackIcon } from '../tracking/icons';
import type { NotebookTracking } from '../tracking/notebook';
import { ITrackings, type Trackings } from '../tracking/trackings';
import { switchLabel, whyNot } from '../tracking/words';

/** The button in the toolbar of each notebook that switches tracking of its session. */
export const toolbar: JupyterFrontEndPlugin<void> = {
  id: 'nbship:toolbar',
  description: 'Adds a button to the toolbar of notebooks that tracks the session.',
  autoStart: true,
  requires: [INbship, ITrackings, IToolbarWidgetRegistry],
  activate: (
    _: JupyterFrontEnd,
    nbship: INbship,
    trackings: Trackings,
    registry: IToolbarWidgetRegistry
  ): void => {
    registry.addFactory<NotebookPanel>('Notebook', 'nbship-track', panel => {
      const widget = new TrackButton(trackings.of(panel), nbship);
      widget.addClass('jp-nbship-TrackButton');
      return widget;
    });
  }
};

class TrackButton extends ReactWidget {
  constructor(
    private _tracking: NotebookTracking,
    private _nbship: INbship
  ) {
    super();
  }

  protected override render(): React.ReactElement {
    const tracking = this._tracking;
    return <UseSignal signal={tracking.changed}>{() => this._button(tracking)}</UseSignal>;
  }

  private _button(tracking: NotebookTracking): React.ReactElement | null {
    const { trans } = this._nbship;
    if (tracking.state === 'not-python' || tracking.state === 'no-kernel') {
      return null;
    }
    const on = tracking.state === 'on' || tracking.state === 'step';
    return (
      <ToolbarButtonComponent
        icon={trackIcon}
        className={on ? 'jp-nbship-mod-tracking' : ''}
        // The whole tooltip is the name as well, so that what is heard is what is seen.
        tooltip={switchLabel(tracking, trans)}
        pressed={on}
        pressedTooltip={switchLabel(tracking, trans)}
        enabled={tracking.pending === null && whyNot(tracking.state, trans) === ''}
        onClick={() => void tracking.switch(!on)}
      />
    );
  }
}
