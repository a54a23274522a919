// `aio-ts/Schedule`: what a schedule takes is contravariant, so that one which looks at nothing fits everywhere.
import * as Schedule from 'aio-ts/Schedule'
import { pipe } from 'fp-ts/lib/function.js'
import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd'
import type { DiskError, HttpError, ParseError } from './fixtures.js'

declare const ofHttp: Schedule.Schedule<HttpError>
declare const ofBoth: Schedule.Schedule<HttpError | ParseError>

expectAssignable<Schedule.Schedule<HttpError>>(Schedule.recurs(3))
expectAssignable<Schedule.Schedule<never>>(ofHttp)
expectAssignable<Schedule.Schedule<HttpError>>(ofBoth)
expectNotAssignable<Schedule.Schedule<HttpError | ParseError>>(ofHttp)
expectNotAssignable<Schedule.Schedule<unknown>>(ofHttp)
expectNotAssignable<Schedule.Schedule<unknown>>(3)

expectType<Schedule.Schedule<unknown>>(Schedule.recurs(3))
expectType<Schedule.Schedule<unknown>>(Schedule.spaced(100))
expectType<Schedule.Schedule<unknown>>(Schedule.exponential(10))
expectType<Schedule.Schedule<unknown>>(Schedule.exponential(10, { factor: 3 }))
expectType<Schedule.Schedule<unknown>>(Schedule.exponential(10, { factor: 3, maxMs: 1000 }))
expectError(Schedule.recurs('3'))
expectError(Schedule.spaced())
expectError(Schedule.exponential(10, { max: 1000 }))
expectError(Schedule.exponential(10, { maxMs: '1000' }))

// what only changes the pauses leaves the input as it was
expectType<Schedule.Schedule<unknown>>(pipe(Schedule.recurs(3), Schedule.jittered()))
expectType<Schedule.Schedule<HttpError>>(pipe(ofHttp, Schedule.jittered(0.5), Schedule.upTo(1000)))
expectError(pipe(ofHttp, Schedule.jittered))
expectError(pipe(ofHttp, Schedule.upTo('1000')))

// two that look at something look at both
expectType<Schedule.Schedule<HttpError & DiskError>>(
  pipe(ofHttp, Schedule.intersect({} as Schedule.Schedule<DiskError>))
)
expectType<Schedule.Schedule<HttpError>>(pipe(ofHttp, Schedule.intersect(Schedule.recurs(3))))
expectType<Schedule.Schedule<HttpError>>(pipe(Schedule.recurs(3), Schedule.intersect(ofHttp)))
expectError(pipe(ofHttp, Schedule.intersect(3)))

// a predicate says what is looked at
expectType<Schedule.Schedule<HttpError>>(
  pipe(
    Schedule.recurs(3),
    Schedule.whileInput((error: HttpError) => error.status >= 500)
  )
)
expectError(
  pipe(
    Schedule.recurs(3),
    Schedule.whileInput((error: HttpError) => error.status)
  )
)
expectError(
  pipe(
    ofHttp,
    Schedule.whileInput((error: ParseError) => error.line > 1)
  )
)
