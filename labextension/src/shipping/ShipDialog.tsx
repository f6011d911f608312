import type { Dialog } from '@jupyterlab/apputils';
import * as React from 'react';

import { BodyWidget } from '../core/body';
import type { INbship } from '../tokens';
import { ShipForm } from './ShipForm';
import type { IShipment } from './ship';

/** The body of the dialog that asks what to ship and how. */
export class ShipDialogBody extends BodyWidget implements Dialog.IBodyWidget<IShipment> {
  constructor(nbship: INbship, preset: Partial<IShipment> & { more?: boolean }) {
    super(nbship, () => (
      <ShipForm preset={preset} onChange={shipment => void (this._shipment = shipment)} />
    ));
    this.addClass('jp-nbship-ShipDialog');
  }

  getValue(): IShipment {
    if (!this._shipment) {
      throw new Error('The dialog was accepted before it was filled in.');
    }
    return this._shipment;
  }

  private _shipment: IShipment | null = null;
}
