import { MimeModel } from '@jupyterlab/rendermime';
import * as React from 'react';

import { useNbship } from '../core/context';
import { Hosted } from './Mime';

export interface ISourceCodeProps {
  source: string;
  /** What it is, for screen readers. */
  label: string;
  /** The language by which it is coloured. */
  language?: string;
}

/** Code that is only read, in the colours of Lab's editor. It may come from a run: it is shown as text only. */
export function SourceCode(props: ISourceCodeProps): React.ReactElement {
  const { rendermime } = useNbship();
  const { source, label, language = 'python' } = props;
  return (
    <Hosted
      className="jp-nbship-SourceCode"
      label={label}
      deps={[rendermime, source, language]}
      create={() => {
        const renderer = rendermime.createRenderer('text/markdown');
        const data = { 'text/markdown': fenced(source, language) };
        void renderer.renderModel(new MimeModel({ data, trusted: false }));
        return renderer;
      }}
    />
  );
}

/** Return a code block of Markdown that nothing within the source can end. */
export function fenced(source: string, language: string): string {
  const runs = source.match(/`+/g) ?? [];
  const longest = runs.reduce((length, run) => Math.max(length, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${source}\n${fence}`;
}
