// `aio-ts/inspect`: the error is in the type, and what is opened can be closed.
import { type Group, type Resource, Task } from 'aio-ts'
import { type InspectError, type InspectOptions, type Inspector, inspect, type State } from 'aio-ts/inspect'
import { expectAssignable, expectError, expectType } from 'tsd'

expectType<Task.Task<InspectError, Inspector>>(inspect())
expectType<Task.Task<InspectError, Inspector>>(
  inspect({
    port: 0,
    host: '::1',
    allowedHosts: ['localhost:9000'],
    token: 'x',
    title: 'shop',
    keepAlive: true
  })
)
expectError(inspect({ port: '80' }))
expectError(inspect({ ports: 80 }))

declare const inspector: Inspector
expectAssignable<Resource>(inspector)
expectType<string>(inspector.url)
expectType<Group<never>>(inspector.asyncGroup)

// It adds its own error to those of the program.
declare const program: Task.Task<'own', number>
const close = (open: Inspector): Task.Task<never, void> => open.asyncClose()
expectType<Task.Task<InspectError | 'own', number>>(Task.bracket(inspect(), () => program, close))

declare const error: InspectError
expectType<'InspectError'>(error._tag)
expectAssignable<'PortInUse' | 'PortForbidden' | 'HostUnknown' | 'NotListening' | 'PageMissing'>(
  error.problem
)

// What the page is told, for pages of one's own.
declare const state: State
expectType<1>(state.version)
expectAssignable<InspectOptions>({})
