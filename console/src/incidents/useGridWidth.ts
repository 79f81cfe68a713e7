// How wide the grid in an element is without its scroll bar, told anew when that changes.
import { useLayoutEffect, useState, type RefObject } from "react";

export function useGridWidth(element: RefObject<HTMLElement | null>, otherwise: number): number {
  const [width, setWidth] = useState(otherwise);
  useLayoutEffect(() => {
    const watched = element.current;
    if (!watched) return;
    const take = (): void => setWidth((watched.querySelector("[role=grid]") ?? watched).clientWidth);
    take();
    const observer = new ResizeObserver(take);
    observer.observe(watched);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
