import type { IStateDB } from '@jupyterlab/statedb';
import { Toolbar, type LabIcon, type SidePanel } from '@jupyterlab/ui-components';
import type { AccordionPanel } from '@lumino/widgets';
import type { ReactElement, ReactNode } from 'react';
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';

import type { INbship } from '../tokens';
import { BodyWidget } from './body';

/** One section of the sidebar. */
export interface ISection {
  id: string;
  /** Its translated title. */
  title: string;
  /** Where it stands: smaller ranks stand higher. */
  rank: number;
  icon?: LabIcon;
  /** What it says about itself; the tooltip of its title. */
  caption?: string;
  /** Whether it is open until the user decides. */
  expanded?: boolean;
  body: () => ReactElement;
  /** Buttons in its title. */
  tools?: () => ReactNode;
}

/** The sections of the sidebar, which may be added before the sidebar exists or after. */
export class Sections {
  /** Add a section; dispose of what is returned to take it away. */
  add(section: ISection): IDisposable {
    this._sections = [...this._sections, section].sort((a, b) => a.rank - b.rank);
    this._show(section);
    return new DisposableDelegate(() => {
      this._sections = this._sections.filter(other => other !== section);
      this._drop(section.id);
    });
  }

  /** The sections, in the order in which they stand. */
  get all(): readonly ISection[] {
    return this._sections;
  }

  /** Put the sections into a sidebar, those that were added and those to come. */
  attach(panel: SidePanel, nbship: INbship, state: IStateDB | null): void {
    this._panel = panel;
    this._nbship = nbship;
    this._state = state;
    const accordion = panel.content as AccordionPanel;
    accordion.expansionToggled.connect(this._remember, this);
    this._sections.forEach(section => this._show(section));
    void this._recall();
  }

  /** Leave out sections, by id. */
  setHidden(hidden: (id: string) => boolean): void {
    this._hidden = hidden;
    for (const section of this._sections) {
      if (hidden(section.id)) {
        this._drop(section.id);
      } else {
        this._show(section);
      }
    }
  }

  /** Open a section and bring it into view. */
  reveal(id: string): void {
    const index = this._shown.indexOf(id);
    const accordion = this._accordion;
    if (accordion && index >= 0) {
      accordion.expand(index);
      accordion.titles[index].scrollIntoView({ block: 'nearest' });
    }
  }

  private _show(section: ISection): void {
    const { _panel: panel, _nbship: nbship } = this;
    if (!panel || !nbship || this._shown.includes(section.id) || this._hidden(section.id)) {
      return;
    }
    const index = this._sections
      .filter(other => this._shown.includes(other.id) || other === section)
      .indexOf(section);
    panel.insertWidget(index, sectionWidget(section, nbship));
    keepOrder(panel.content as AccordionPanel, index);
    this._shown.splice(index, 0, section.id);
    this._arrange(section.id, index);
  }

  private _arrange(id: string, index: number): void {
    const section = this._sections.find(each => each.id === id);
    const open = this._open[id] ?? section?.expanded ?? true;
    this._arranging = true;
    if (open) {
      this._accordion?.expand(index);
    } else {
      this._accordion?.collapse(index);
    }
    this._arranging = false;
  }

  private _drop(id: string): void {
    const index = this._shown.indexOf(id);
    if (index >= 0) {
      this._shown.splice(index, 1);
      this._panel?.widgets[index]?.dispose();
    }
  }

  private get _accordion(): AccordionPanel | null {
    return (this._panel?.content as AccordionPanel | undefined) ?? null;
  }

  private _remember(accordion: AccordionPanel, index: number): void {
    const id = this._shown[index];
    if (!this._arranging && id !== undefined) {
      this._open[id] = !accordion.widgets[index].isHidden;
      void this._state?.save(STATE_KEY, this._open);
    }
  }

  private async _recall(): Promise<void> {
    const saved = await this._state?.fetch(STATE_KEY).catch(() => undefined);
    if (saved && typeof saved === 'object') {
      this._open = { ...(saved as Record<string, boolean>), ...this._open };
      this._shown.forEach((id, index) => this._arrange(id, index));
    }
  }

  private _sections: ISection[] = [];
  private _shown: string[] = [];
  private _open: Record<string, boolean> = {};
  private _arranging = false;
  private _hidden: (id: string) => boolean = () => false;
  private _panel: SidePanel | null = null;
  private _nbship: INbship | null = null;
  private _state: IStateDB | null = null;
}

const STATE_KEY = 'nbship:sections';

/** The accordion appends the nodes of a section wherever it stands; who tabs through them meets them in this order. */
function keepOrder({ node, titles, widgets }: AccordionPanel, index: number): void {
  const next = titles[index + 1] ?? null;
  if (next) {
    node.insertBefore(titles[index], next);
    node.insertBefore(widgets[index].node, next);
  }
}

function sectionWidget(section: ISection, nbship: INbship): Toolbar.IWidgetToolbar {
  const widget: Toolbar.IWidgetToolbar = new BodyWidget(nbship, section.body);
  widget.id = `nbship-section-${section.id}`;
  widget.addClass('jp-nbship-Section');
  widget.title.label = section.title;
  widget.title.caption = section.caption ?? section.title;
  widget.node.setAttribute('role', 'region');
  widget.node.setAttribute('aria-label', section.title);
  if (section.tools) {
    widget.toolbar = sectionToolbar(section, section.tools, nbship);
  }
  return widget;
}

function sectionToolbar(section: ISection, tools: () => ReactNode, nbship: INbship): Toolbar {
  const toolbar = new Toolbar();
  toolbar.addItem('tools', new BodyWidget(nbship, tools));
  toolbar.node.setAttribute('aria-label', nbship.trans.__('Tools of "%1"', section.title));
  // A press on a tool is none on the title that it stands in, which would close the section.
  for (const event of ['click', 'keydown']) {
    toolbar.node.addEventListener(event, stop);
  }
  return toolbar;
}

function stop(event: Event): void {
  event.stopPropagation();
}
