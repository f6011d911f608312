import type { ILabShell, ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { IStateDB } from '@jupyterlab/statedb';
import { CommandToolbarButton, refreshIcon, SidePanel, Toolbar } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';

import { shipIcon } from '../icons';
import { CommandIDs, type INbship } from '../tokens';

const ID = 'nbship-sidebar';
const RANK = 600;

interface IPlaces {
  labShell: ILabShell | null;
  restorer: ILayoutRestorer | null;
  state: IStateDB | null;
  palette: ICommandPalette | null;
}

/** Put the sidebar into the left area, with its sections, and add its commands. */
export function addSidebar(app: JupyterFrontEnd, nbship: INbship, places: IPlaces): SidePanel {
  const { trans } = nbship;
  addCommands(app, nbship, places.palette);
  const panel = new SidePanel();
  panel.id = ID;
  panel.addClass('jp-nbship-Sidebar');
  panel.title.icon = shipIcon;
  panel.title.caption = trans.__('nbship: track, compare, run and ship');
  panel.node.setAttribute('role', 'region');
  panel.node.setAttribute('aria-label', trans.__('nbship'));
  panel.header.addWidget(heading(trans.__('nbship')));
  panel.header.addWidget(tools(app, nbship));
  nbship.sections.attach(panel, nbship, places.state);
  app.shell.add(panel, 'left', { rank: RANK });
  places.restorer?.add(panel, ID);
  return panel;
}

function heading(text: string): Widget {
  const node = document.createElement('h2');
  node.textContent = text;
  return new Widget({ node });
}

function tools(app: JupyterFrontEnd, { trans }: INbship): Toolbar {
  const toolbar = new Toolbar();
  toolbar.node.setAttribute('aria-label', trans.__('Tools of nbship'));
  toolbar.addItem(
    'refresh',
    new CommandToolbarButton({ commands: app.commands, id: CommandIDs.refreshAll, label: '' })
  );
  return toolbar;
}

function addCommands(app: JupyterFrontEnd, nbship: INbship, palette: ICommandPalette | null): void {
  const { trans } = nbship;
  const describedBy = { args: { type: 'object', properties: {} } } as const;
  app.commands.addCommand(CommandIDs.refreshAll, {
    label: trans.__('Refresh nbship'),
    caption: trans.__('Load everything that the nbship sidebar shows again'),
    icon: refreshIcon,
    describedBy,
    execute: () => nbship.refresh()
  });
  app.commands.addCommand(CommandIDs.showSidebar, {
    label: trans.__('Show the nbship Sidebar'),
    caption: trans.__('Open the sidebar of nbship'),
    icon: shipIcon,
    describedBy,
    execute: () => app.shell.activateById(ID)
  });
  for (const command of [CommandIDs.showSidebar, CommandIDs.refreshAll]) {
    palette?.addItem({ command, category: trans.__('nbship') });
  }
}
