// Plan -> text for people and golden files, and -> Mermaid. Pure.
import type { Plan, Step } from '../model/plan.ts'
import { topologicalOrder } from './graph.ts'

/** Steps in an order in which they could run. */
export function orderedSteps(plan: Plan): Step[] {
  const byId = new Map(plan.steps.map((step) => [step.id, step]))
  const order = topologicalOrder(new Map(plan.steps.map((step) => [step.id, step.needs])))
  return order.flatMap((id) => byId.get(id) ?? [])
}

/** True when applying the plan would change something. */
export function changesSomething(plan: Plan): boolean {
  return plan.steps.some((step) => step.changes)
}

/** One line per step: `start kafka-1   because new   after fetch kafka`. */
export function formatPlan(plan: Plan, options: { all?: boolean } = {}): string {
  const steps = orderedSteps(plan).filter((step) => options.all || step.changes || step.op.do === 'fetch')
  if (!plan.steps.some((step) => step.changes) && !options.all) return `${plan.cluster}: nothing to do`
  const width = Math.max(...steps.map((step) => step.id.length))
  const lines = steps.map((step) => {
    const after = step.needs.length > 0 ? `  (after ${step.needs.join(', ')})` : ''
    return `${step.changes ? '+' : '.'} ${step.id.padEnd(width)}  ${step.because}${after}`
  })
  return [`${plan.cluster}:`, ...lines.map((line) => `  ${line}`)].join('\n')
}

/** The plan as a Mermaid flow chart. */
export function formatMermaid(plan: Plan): string {
  const names = new Map(plan.steps.map((step, index) => [step.id, `s${index}`]))
  const lines = plan.steps.map((step) => `  ${names.get(step.id)}["${step.id}"]`)
  const edges = plan.steps.flatMap((step) => step.needs.map((need) => `  ${names.get(need)} --> ${names.get(step.id)}`))
  return ['flowchart TD', ...lines, ...edges].join('\n')
}
