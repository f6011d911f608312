import * as React from 'react';

export interface ILazyProps {
  /** The height that is kept free until it is rendered, in pixels. */
  height: number;
  children: () => React.ReactNode;
  className?: string;
}

// What is about to be scrolled to is rendered before it is there.
const AHEAD = '600px 0px';

/** Something that is rendered when it comes into view, and stays then. */
export function Lazy({ height, children, className }: ILazyProps): React.ReactElement {
  const host = React.useRef<HTMLDivElement>(null);
  const [seen, setSeen] = React.useState(typeof IntersectionObserver === 'undefined');
  React.useEffect(() => {
    if (seen || !host.current) {
      return;
    }
    const observer = new IntersectionObserver(
      entries => {
        if (entries.some(entry => entry.isIntersecting)) {
          setSeen(true);
        }
      },
      { root: scrollingParent(host.current), rootMargin: AHEAD }
    );
    observer.observe(host.current);
    return () => observer.disconnect();
  }, [seen]);
  return (
    <div ref={host} className={className} style={seen ? undefined : { minHeight: height }}>
      {seen && children()}
    </div>
  );
}

// A margin counts only around the element that scrolls.
function scrollingParent(node: HTMLElement): HTMLElement | null {
  for (let parent = node.parentElement; parent; parent = parent.parentElement) {
    const { overflowY } = getComputedStyle(parent);
    if ((overflowY === 'auto' || overflowY === 'scroll') && parent.clientHeight > 0) {
      if (parent.scrollHeight > parent.clientHeight || parent.classList.contains(BODY)) {
        return parent;
      }
    }
  }
  return null;
}

const BODY = 'jp-nbship-Body';
