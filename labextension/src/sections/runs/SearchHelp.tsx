import { infoIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { IconButton } from '../../components';
import { useNbship } from '../../core/context';

export interface ISearchHelpProps {
  metric: string | null;
  onChoose: (text: string) => void;
}

/** Examples of searches; each can be tried. */
export function SearchHelp({ metric, onChoose }: ISearchHelpProps): React.ReactElement {
  const { trans } = useNbship();
  const [open, setOpen] = React.useState(false);
  const host = React.useRef<HTMLDivElement>(null);
  const close = () => {
    setOpen(false);
    host.current?.querySelector('button')?.focus();
  };
  useOutside(host, open, () => setOpen(false));

  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Escape' && open) {
      event.stopPropagation();
      close();
    }
  };
  return (
    <div ref={host} className="jp-nbship-SearchHelp" onKeyDown={onKeyDown}>
      <IconButton
        icon={infoIcon}
        label={trans.__('What can be searched for')}
        pressed={open}
        onClick={() => setOpen(!open)}
      />
      {open && (
        <div
          className="jp-nbship-SearchHelp-popover"
          role="dialog"
          aria-label={trans.__('What can be searched for')}
        >
          {examples(metric, trans).map(({ title, searches }) => (
            <section key={title}>
              <h4>{title}</h4>
              {searches.map(search => (
                <button
                  key={search}
                  type="button"
                  className="jp-nbship-SearchHelp-example"
                  onClick={() => {
                    setOpen(false);
                    onChoose(search);
                  }}
                >
                  {search}
                </button>
              ))}
            </section>
          ))}
        </div>
      )}
    </div>
  );
}

function examples(
  metric: string | null,
  trans: ReturnType<typeof useNbship>['trans']
): { title: string; searches: string[] }[] {
  const name = metric ?? 'accuracy';
  const written = /^\w+$/.test(name) ? name : `\`${name}\``;
  return [
    {
      title: trans.__('Words: all of them, in name, parameters, tags, notebook, user or note'),
      searches: ['forest', 'lr=0.1 alice']
    },
    {
      title: trans.__('Filters, as MLflow writes them'),
      searches: [
        `metrics.${written} > 0.9`,
        'params.model = "forest"',
        'tags.team ILIKE "%vision%"',
        'attributes.status = "FAILED"',
        `metrics.${written} > 0.5 AND params.lr = "0.1"`
      ]
    }
  ];
}

function useOutside(host: React.RefObject<HTMLElement>, open: boolean, call: () => void): void {
  const latest = React.useRef(call);
  latest.current = call;
  React.useEffect(() => {
    if (!open) {
      return;
    }
    const onPress = (event: Event) => {
      if (!host.current?.contains(event.target as Node)) {
        latest.current();
      }
    };
    document.addEventListener('pointerdown', onPress, true);
    document.addEventListener('focusin', onPress, true);
    return () => {
      document.removeEventListener('pointerdown', onPress, true);
      document.removeEventListener('focusin', onPress, true);
    };
  }, [host, open]);
}
