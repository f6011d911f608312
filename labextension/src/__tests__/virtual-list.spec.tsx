import { act, fireEvent, render, screen } from '@testing-library/react';
import * as React from 'react';

import { VirtualList, type Selection } from '../components';

const ROW = 20;

function Numbers(props: {
  count: number;
  loaded?: (index: number) => boolean;
  onOpen?: (key: string) => void;
  onRange?: (first: number, last: number) => void;
}): React.ReactElement {
  const [selection, setSelection] = React.useState<Selection>(new Set());
  const loaded = props.loaded ?? (() => true);
  return (
    <>
      <VirtualList
        label="Numbers"
        count={props.count}
        rowHeight={ROW}
        rowKey={index => (loaded(index) ? `n${index}` : undefined)}
        renderRow={index => `row ${index}`}
        selection={selection}
        onSelect={setSelection}
        onOpen={props.onOpen}
        onRange={props.onRange}
      />
      <output>{[...selection].join(' ')}</output>
    </>
  );
}

const list = () => screen.getByRole('listbox', { name: 'Numbers' });
const selected = () => screen.getByRole('status').textContent;
const active = () =>
  document.getElementById(list().getAttribute('aria-activedescendant') ?? '')?.textContent;
const press = (key: string, modifiers: object = {}) =>
  fireEvent.keyDown(list(), { key, ...modifiers });

function scrollTo(index: number): void {
  list().scrollTop = index * ROW;
  fireEvent.scroll(list());
}

describe('VirtualList', () => {
  it('renders what is in view only, and tells screen readers of all', () => {
    render(<Numbers count={10_000} />);
    expect(screen.getAllByRole('option').length).toBeLessThan(60);
    scrollTo(5_000);
    expect(screen.getByText('row 5000')).toHaveAttribute('aria-posinset', '5001');
    expect(screen.getByText('row 5000')).toHaveAttribute('aria-setsize', '10000');
    expect(screen.queryByText('row 0')).toBeNull();
  });

  it('shows a short list and none at all', () => {
    const { rerender } = render(<Numbers count={2} />);
    expect(screen.getAllByRole('option')).toHaveLength(2);
    rerender(<Numbers count={0} />);
    expect(screen.queryAllByRole('option')).toHaveLength(0);
    press('End');
    expect(active()).toBeUndefined();
  });

  it('moves by keyboard, and keeps the active row in the document wherever it is', () => {
    render(<Numbers count={10_000} />);
    press('ArrowDown');
    expect(active()).toBe('row 0');
    press('ArrowDown');
    press('ArrowDown');
    press('ArrowUp');
    expect(active()).toBe('row 1');
    press('End');
    expect(active()).toBe('row 9999');
    press('Home');
    expect(active()).toBe('row 0');
    press('PageDown');
    expect(active()).not.toBe('row 0');
  });

  it('selects with click, Control, Shift, Space, Control+A and Escape', () => {
    render(<Numbers count={50} />);
    fireEvent.click(screen.getByText('row 2'));
    expect(selected()).toBe('n2');
    fireEvent.click(screen.getByText('row 4'), { ctrlKey: true });
    expect(selected()).toBe('n2 n4');
    fireEvent.click(screen.getByText('row 6'), { shiftKey: true });
    expect(selected()).toBe('n4 n5 n6');
    fireEvent.click(screen.getByText('row 5'), { metaKey: true });
    expect(selected()).toBe('n4 n6');
    press('ArrowDown', { ctrlKey: true });
    expect(selected()).toBe('n4 n6');
    press('ArrowDown', { ctrlKey: true });
    press(' ');
    expect(selected()).toBe('n4 n6 n7');
    press('ArrowUp', { shiftKey: true });
    expect(selected()).toBe('n6 n7');
    press('Escape');
    expect(selected()).toBe('');
    press('a', { ctrlKey: true });
    expect(selected()?.split(' ')).toHaveLength(50);
  });

  it('opens with Enter and a double click', () => {
    const onOpen = jest.fn();
    render(<Numbers count={50} onOpen={onOpen} />);
    press('ArrowDown');
    press('Enter');
    fireEvent.doubleClick(screen.getByText('row 3'));
    expect(onOpen.mock.calls).toEqual([
      ['n0', 0],
      ['n3', 3]
    ]);
  });

  it('asks for what is missing where scrolling ends, and not for what it passes', () => {
    jest.useFakeTimers();
    const onRange = jest.fn();
    render(<Numbers count={10_000} loaded={index => index < 100} onRange={onRange} />);
    act(() => void jest.advanceTimersByTime(1_000));
    expect(onRange).not.toHaveBeenCalled();
    for (let index = 100; index <= 5_000; index += 700) {
      scrollTo(index);
      act(() => void jest.advanceTimersByTime(10));
    }
    act(() => void jest.advanceTimersByTime(1_000));
    expect(onRange).toHaveBeenCalledTimes(1);
    const [first, last] = onRange.mock.calls[0] as [number, number];
    expect(first).toBeLessThanOrEqual(5_000);
    expect(last).toBeGreaterThanOrEqual(5_000);
    expect(screen.getAllByRole('option')[0]).toHaveAttribute('aria-busy', 'true');
    jest.useRealTimers();
  });
});
