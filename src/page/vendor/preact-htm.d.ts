// What the page uses of htm/preact/standalone.module.js, which comes without types of its own.

export interface VNode {
  readonly type: unknown
}
export type Child = VNode | string | number | boolean | null | undefined | readonly Child[]
export function html(strings: TemplateStringsArray, ...values: unknown[]): VNode
export function render(vnode: Child, parent: Element): void
export function useState<T>(initial: T | (() => T)): [T, (next: T | ((now: T) => T)) => void]
export function useRef<T>(initial: T | null): { current: T | null }
export function useEffect(effect: () => unknown, inputs?: readonly unknown[]): void
export function useLayoutEffect(effect: () => unknown, inputs?: readonly unknown[]): void
export function useMemo<T>(make: () => T, inputs: readonly unknown[]): T
