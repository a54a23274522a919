/** The root component of the page. */
import type { JSX } from 'preact'
import { Failures } from './failures.js'
import { Header } from './header.js'
import { Help } from './help.js'
import { LostNotice, WaitCycles } from './notices.js'
import { Queues } from './queues.js'
import { Rates } from './rates.js'
import type { Control } from './store.js'
import { Timeline } from './timeline.js'
import { TreePanel } from './tree.js'

export const App = ({ control }: { readonly control: Control }): JSX.Element => {
  const { kept, lost } = control
  return (
    <>
      <Header control={control} />
      <main class={lost === undefined ? undefined : 'stale'}>
        {lost !== undefined && <LostNotice lost={lost} control={control} />}
        {kept !== undefined && kept.state.circles.length > 0 && <WaitCycles cycles={kept.state.circles} />}
        {kept !== undefined && (
          <>
            <Timeline kept={kept} />
            <Rates state={kept.state} />
            <TreePanel control={control} state={kept.state} />
            <div class="side">
              <Queues queues={kept.state.queues} />
              <Failures control={control} />
            </div>
          </>
        )}
      </main>
      <p class="unseen" role="status">
        {control.said}
      </p>
      {control.isHelpOpen && <Help control={control} />}
    </>
  )
}
