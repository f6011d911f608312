import '@testing-library/jest-dom';

import { configure } from '@testing-library/react';

// Busy machines are slow, which is no failure.
configure({ asyncUtilTimeout: 5_000 });

// What jsdom lacks. Without a clipboard, JupyterLab complains at every import.
Object.defineProperty(navigator, 'clipboard', {
  value: { writeText: () => Promise.resolve(), write: () => Promise.resolve() },
  configurable: true
});
Element.prototype.scrollIntoView = () => undefined;
