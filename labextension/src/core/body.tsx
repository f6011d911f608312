import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { asApiError, type ApiError } from '../api/error';
import { ErrorNote } from '../components/ErrorNote';
import { Loading } from '../components/Loading';
import type { INbship } from '../tokens';
import { NbshipContext, VisibilityContext } from './context';
import { Visibility } from './visibility';

/** A widget with a React body that is rendered when it is first seen, and that knows whether it is seen. */
export class BodyWidget extends ReactWidget {
  constructor(
    private _nbship: INbship,
    private _body: () => React.ReactNode
  ) {
    super();
    this.addClass('jp-nbship-Body');
  }

  readonly visibility = new Visibility();

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this._look();
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._look();
  }

  protected override onAfterHide(msg: Message): void {
    super.onAfterHide(msg);
    this._look();
  }

  protected override onBeforeDetach(msg: Message): void {
    this.visibility.visible = false;
    super.onBeforeDetach(msg);
  }

  protected override render(): React.ReactElement {
    if (!this._seen) {
      // Not null: that unmounts for good, and nothing could be rendered later.
      return <></>;
    }
    const { trans } = this._nbship;
    return (
      <NbshipContext.Provider value={this._nbship}>
        <VisibilityContext.Provider value={this.visibility}>
          <Boundary nbship={this._nbship}>
            <React.Suspense fallback={<Loading label={trans.__('Loading this view…')} />}>
              {this._body()}
            </React.Suspense>
          </Boundary>
        </VisibilityContext.Provider>
      </NbshipContext.Provider>
    );
  }

  private _look(): void {
    this.visibility.visible = this.isVisible;
    if (this.isVisible && !this._seen) {
      this._seen = true;
      this.update();
    }
  }

  private _seen = false;
}

/** Shows the error of a body that cannot be rendered, instead of nothing at all. */
class Boundary extends React.Component<
  { nbship: INbship; children: React.ReactNode },
  { error: ApiError | null }
> {
  override state: { error: ApiError | null } = { error: null };

  static getDerivedStateFromError(thrown: unknown): { error: unknown } {
    return { error: thrown };
  }

  override render(): React.ReactNode {
    if (this.state.error === null) {
      return this.props.children;
    }
    return (
      <ErrorNote
        error={asApiError(this.state.error, this.props.nbship.trans)}
        onRetry={() => this.setState({ error: null })}
      />
    );
  }
}
