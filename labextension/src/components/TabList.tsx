import * as React from 'react';

export interface ITabItem {
  id: string;
  label: string;
  /** A short word behind the label, e.g. a count. */
  note?: React.ReactNode;
  panel: () => React.ReactNode;
}

export interface ITabListProps {
  /** What the tabs are about, for screen readers. */
  label: string;
  tabs: readonly ITabItem[];
  /** The open tab, if it is decided outside. */
  current?: string;
  onChange?: (id: string) => void;
}

/** Tabs within a view: arrow keys, Home and End move between them. */
export function TabList({ label, tabs, current, onChange }: ITabListProps): React.ReactElement {
  const [chosen, choose] = React.useState(tabs[0]?.id ?? '');
  const prefix = React.useId();
  const bar = React.useRef<HTMLDivElement>(null);
  const index = Math.max(
    tabs.findIndex(tab => tab.id === (current ?? chosen)),
    0
  );
  const open = tabs[index];

  const go = (to: number) => {
    const tab = tabs[(to + tabs.length) % tabs.length];
    choose(tab.id);
    onChange?.(tab.id);
    bar.current?.querySelectorAll<HTMLElement>('[role=tab]')[tabs.indexOf(tab)]?.focus();
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const to = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: tabs.length - 1 }[
      event.key
    ];
    if (to !== undefined) {
      event.preventDefault();
      go(to);
    }
  };

  return (
    <div className="jp-nbship-TabList">
      <div
        ref={bar}
        className="jp-nbship-TabList-bar"
        role="tablist"
        aria-label={label}
        onKeyDown={onKeyDown}
      >
        {tabs.map((tab, at) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${prefix}-tab-${tab.id}`}
            aria-selected={at === index}
            aria-controls={`${prefix}-panel`}
            tabIndex={at === index ? 0 : -1}
            onClick={() => go(at)}
          >
            {tab.label}
            {tab.note != null && <span className="jp-nbship-TabList-note">{tab.note}</span>}
          </button>
        ))}
      </div>
      <div
        className="jp-nbship-TabList-panel"
        role="tabpanel"
        id={`${prefix}-panel`}
        aria-labelledby={open && `${prefix}-tab-${open.id}`}
      >
        {/* Each tab keeps to itself: the state of one is not taken for that of another. */}
        <React.Fragment key={open?.id}>{open?.panel()}</React.Fragment>
      </div>
    </div>
  );
}
