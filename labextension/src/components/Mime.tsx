import type * as nbformat from '@jupyterlab/nbformat';
import { MimeModel, OutputModel } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { PartialJSONObject } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import { useNbship } from '../core/context';

/** HTML that the library has made, such as a report. Never give it what a run has supplied. */
export function Html(props: { html: string; label: string }): React.ReactElement {
  const model = React.useMemo(
    () => new MimeModel({ data: { 'text/html': props.html }, trusted: true }),
    [props.html]
  );
  return <Rendered model={model} mimeType="text/html" label={props.label} />;
}

/** A bundle that the library has made, in the best form that this front end has: a plotly chart, HTML, text. */
export function MimeBundle(props: {
  bundle: PartialJSONObject;
  label: string;
}): React.ReactElement {
  const { rendermime, trans } = useNbship();
  const model = React.useMemo(
    () => new MimeModel({ data: props.bundle, trusted: true }),
    [props.bundle]
  );
  const mimeType = rendermime.preferredMimeType(model.data, 'any');
  return mimeType ? (
    <Rendered model={model} mimeType={mimeType} label={props.label} />
  ) : (
    <p className="jp-nbship-Muted">{trans.__('This cannot be shown here.')}</p>
  );
}

/** An output of a notebook as a run has supplied it: sanitised, and no scripts. */
export function MimeOutput(props: { output: nbformat.IOutput; label: string }): React.ReactElement {
  const { rendermime, trans } = useNbship();
  const model = React.useMemo(
    () => new OutputModel({ value: withoutWidgets(props.output), trusted: false }),
    [props.output]
  );
  const mimeType = rendermime.preferredMimeType(model.data, 'ensure');
  return mimeType ? (
    <Rendered model={model} mimeType={mimeType} label={props.label} />
  ) : (
    <p className="jp-nbship-Muted">{trans.__('This output has no form that is safe to show.')}</p>
  );
}

/** A lumino widget within React. It is disposed when it is not shown any more. */
export function Hosted(props: {
  create: () => Widget;
  deps: React.DependencyList;
  className?: string;
  label?: string;
}): React.ReactElement {
  const host = React.useRef<HTMLDivElement>(null);
  // A layout effect, because its end comes while the host is in the document, as lumino demands.
  React.useLayoutEffect(() => {
    if (!host.current) {
      return;
    }
    const widget = props.create();
    Widget.attach(widget, host.current);
    return () => widget.dispose();
    // Who uses it says what it is made of.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, props.deps);
  return (
    <div
      ref={host}
      className={props.className}
      role={props.label ? 'group' : undefined}
      aria-label={props.label}
    />
  );
}

function Rendered(props: {
  model: IRenderMime.IMimeModel;
  mimeType: string;
  label: string;
}): React.ReactElement {
  const { rendermime } = useNbship();
  const { model, mimeType, label } = props;
  return (
    <Hosted
      className="jp-nbship-Mime"
      label={label}
      deps={[rendermime, model, mimeType]}
      create={() => {
        const renderer = rendermime.createRenderer(mimeType);
        void renderer.renderModel(model);
        return renderer;
      }}
    />
  );
}

// A saved widget without its model shows an error and hides the form beside it that still says something.
function withoutWidgets(output: nbformat.IOutput): nbformat.IOutput {
  const data = output.data as Record<string, unknown> | undefined;
  if (!data || !(WIDGET in data) || Object.keys(data).length === 1) {
    return output;
  }
  const { [WIDGET]: _, ...rest } = data;
  return { ...output, data: rest } as nbformat.IOutput;
}

const WIDGET = 'application/vnd.jupyter.widget-view+json';
