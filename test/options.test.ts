// From the command line and the environment to options: what is taken, what wins, and what is said when
// something is wrong. Nothing here starts a process; main.test.ts does.

import { getHeapStatistics } from 'node:v8'
import { describe, expect, test } from 'vitest'
import { BOUNDS } from '../src/core/bounds.ts'
import { DEFAULT_OPTIONS } from '../src/core/options.ts'
import { formatLegs } from '../src/core/text/latency-legs.ts'
import { renderHelp } from '../src/options/help.ts'
import { type Environment, type Options, readOptions } from '../src/options/read.ts'
import { FLAGS, TABLE } from '../src/options/table.ts'

const directory = '/home/ada'

function read(args: string, env: Environment = {}) {
  return readOptions({ args: args.split(' ').filter((arg) => arg !== ''), env, directory })
}

function options(args: string, env: Environment = {}): Options {
  const reading = read(args, env)
  if (reading.kind !== 'serve') throw new Error(JSON.stringify(reading))
  return reading.options
}

function problems(args: string, env: Environment = {}): readonly string[] {
  const reading = read(args, env)
  return reading.kind === 'refused' ? reading.problems : []
}

describe('defaults', () => {
  test('nothing given means a leader and two followers on localhost:8080, in real time', () => {
    const { port, host, seed, walFile, cluster } = options('')
    expect({ port, host, seed, walFile }).toEqual({
      port: 8080,
      host: '127.0.0.1',
      seed: null,
      walFile: null,
    })
    expect(cluster).toMatchObject({ followers: 2, clock: { mode: 'real', rate: 1 } })
  })

  test('but for the clock and the memory of the machine, the cluster is what the library makes of nothing', () => {
    const { seed, startTimeMs, clock, ...rest } = DEFAULT_OPTIONS
    const { cluster } = options('')
    const { bytesMax } = cluster
    expect(cluster).toEqual({ ...rest, bytesMax, clock: { mode: 'real', rate: 1 } })
    expect(bytesMax).toBe(Math.floor(getHeapStatistics().heap_size_limit / 4))
  })

  test('each default is one that could have been given', () => {
    for (const flag of FLAGS) {
      const { shown } = TABLE[flag]
      const words = ['this machine', 'none', 'random', 'replicate=200ms,500ms,...']
      words.push('a quarter of what Node may use', 'drawn where others can reach it')
      if (!words.includes(shown)) {
        expect(TABLE[flag].read(shown, { directory })).toEqual({
          ok: true,
          value: TABLE[flag].fallback,
        })
      }
    }
  })

  test('options are frozen, all the way down', () => {
    const given = options(
      '--latency replicate=1ms,2ms --allowed-hosts a --allowed-origins http://b',
    )
    const { cluster } = given
    const parts = [given, cluster, cluster.clock, cluster.latency, cluster.latency.replicate]
    for (const part of [...parts, given.allowedHosts, given.allowedOrigins, given.givenAs]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
  })
})

describe('what is given', () => {
  test('every option can be given as a flag', () => {
    const given = options(
      '--port 0 --host 0.0.0.0 --allowed-hosts Lab.local,[::1] --allowed-origins http://a:1 ' +
        '--followers 4 --latency exponential(50ms) --seed 7 --clock real --rate 2.5 ' +
        '--quorum-timeout 500ms --auto-failover 3s --min-followers-to-write 2 ' +
        '--min-followers-max-lag 1s --wal lab.wal --wal-fsync never --log-format json ' +
        '--log-level warn --max-keys 1 --max-messages 2 --max-waiting 3 --max-log 4 --max-events 5 --max-history 7 --max-streams 6 ' +
        '--max-labs 7 --lab-idle 90s --max-bytes 2000000 --token open-sesame --no-token=false --lessons mine',
    )
    expect(Object.keys(given.givenAs).sort()).toEqual([...FLAGS].sort())
    expect(given).toMatchObject({
      port: 0,
      host: '0.0.0.0',
      allowedHosts: ['lab.local', '[::1]'],
      allowedOrigins: ['http://a:1'],
      token: 'open-sesame',
      seed: 7,
      eventsMax: 5,
      historyMax: 7,
      streamsMax: 6,
      labsMax: 7,
      labIdleUs: 90_000_000,
      lessons: '/home/ada/mine',
      walFile: '/home/ada/lab.wal',
      walFsync: 'never',
      logFormat: 'json',
      logLevel: 'warn',
    })
    expect(given.cluster).toMatchObject({
      followers: 4,
      clock: { mode: 'real', rate: 2.5 },
      quorumTimeoutUs: 500_000,
      autoFailoverUs: 3_000_000,
      minFollowersToWrite: 2,
      minFollowersMaxLagUs: 1_000_000,
      keysMax: 1,
      messagesMax: 2,
      waitingMax: 3,
      logEntriesMax: 4,
      bytesMax: 2_000_000,
    })
  })

  test('--flag=value is the same as --flag value', () => {
    expect(options('--port=81').port).toBe(81)
  })

  test('several latencies may be given by repeating the flag or by a semicolon', () => {
    const text = 'replicate=1ms,2ms;acknowledge=3ms;request=0ms;respond=0ms'
    const repeated = options('--latency replicate=1ms,2ms --latency acknowledge=3ms')
    const twin = options('', { REPLICATION_LAB_LATENCY: 'replicate=1ms,2ms;acknowledge=3ms' })
    expect(formatLegs(repeated.cluster.latency)).toBe(text)
    expect(formatLegs(twin.cluster.latency)).toBe(text)
  })

  test('lists may be given by repeating the flag or by commas', () => {
    expect(options('--allowed-hosts a,b --allowed-hosts c').allowedHosts).toEqual(['a', 'b', 'c'])
  })

  test('automatic failover can be switched off again', () => {
    const env = { REPLICATION_LAB_AUTO_FAILOVER: '3s' }
    expect(options('--auto-failover off', env).cluster.autoFailoverUs).toBeNull()
  })
})

describe('precedence', () => {
  test('a flag wins over its twin, the twin over PORT, and PORT over the default', () => {
    expect(options('', { PORT: '1' }).port).toBe(1)
    expect(options('', { PORT: '1', REPLICATION_LAB_PORT: '2' }).port).toBe(2)
    expect(options('--port 3', { PORT: '1', REPLICATION_LAB_PORT: '2' }).port).toBe(3)
    expect(options('', { HOST: '::1' }).host).toBe('::1')
  })

  test('an empty variable counts as not set', () => {
    expect(options('', { REPLICATION_LAB_PORT: '', PORT: '4' }).port).toBe(4)
    expect(options('', { REPLICATION_LAB_PORT: '', PORT: '' }).port).toBe(8080)
  })

  test('what lost is not even read', () => {
    expect(options('--port 3', { PORT: 'a socket' }).port).toBe(3)
  })

  test('each option remembers the name it was given under', () => {
    const { givenAs } = options('--followers 3', { HOST: 'localhost', REPLICATION_LAB_PORT: '9' })
    expect(givenAs).toEqual({
      followers: '--followers',
      host: 'HOST',
      port: 'REPLICATION_LAB_PORT',
    })
  })
})

describe('what is wrong', () => {
  test.each([
    ['--prot 9', 'there is no --prot; did you mean --port?'],
    ['--folowers=3', 'there is no --folowers; did you mean --followers?'],
    ['--hepl', 'there is no --hepl; did you mean --help?'],
    ['--leader-election', 'there is no --leader-election'],
    ['-p 9', 'there is no -p'],
    ['9', '"9" is not expected here; did you mean --port 9?'],
    ['serve', '"serve" is not expected here'],
    ['--port', '--port needs a value: --port PORT'],
    ['--wal --clock manual', '--wal needs a value: --wal FILE'],
    ['--port=', '--port needs a value: --port PORT'],
    ['--port 1 --port 2', '--port is given twice'],
    ['--port 65536', '--port: must be a whole number from 0 to 65535, not "65536"'],
    ['--port 0x10', '--port: must be a whole number from 0 to 65535, not "0x10"'],
    ['--port 1e2', '--port: must be a whole number from 0 to 65535, not "1e2"'],
    ['--seed -5', '--seed: must be a whole number from 0 to 4294967295, not "-5"'],
    ['--followers 101', '--followers: must be a whole number from 1 to 100, not "101"'],
    ['--rate 0', '--rate: must be a number from 0.001 to 1000, not "0"'],
    ['--clock fast', '--clock: must be one of real, manual, instant, not "fast"'],
    [
      '--quorum-timeout 2000',
      '--quorum-timeout: must be a duration from 1ms to 3600s, written 200ms or 1.5s, not "2000"',
    ],
    ['--host http://x', '--host: must be a host name or an address, such as 127.0.0.1 or 0.0.0.0'],
    ['--allowed-hosts lab:80', '--allowed-hosts: must be host names without a port'],
    ['--allowed-origins http://a/b', '--allowed-origins: must be origins such as http://localhost'],
    ['--latency replicate=2h', '--latency: there is no unit "h" (us, ms, s or m), at column 1'],
  ])('%s', (args, message) => {
    expect(problems(args)).toEqual([expect.stringContaining(message)])
  })

  test.each([
    [
      '--latency replicate=1s,2s,3s',
      '--latency has 3 replicate latencies, but there are 2 followers: give one for each, or one for all',
    ],
    [
      '--min-followers-to-write 3',
      '--min-followers-to-write is 3, but there are 2 followers: no write would ever be taken',
    ],
    ['--min-followers-max-lag 1s', '--min-followers-max-lag needs --min-followers-to-write'],
    ['--wal-fsync always', '--wal-fsync needs --wal FILE'],
    ['--clock manual --rate 2', '--rate needs --clock real: a manual clock has no rate'],
  ])('%s contradicts itself', (args, message) => {
    expect(problems(args)).toEqual([message])
  })

  test('a contradiction names what the user wrote', () => {
    expect(problems('', { REPLICATION_LAB_WAL_FSYNC: 'never' })).toEqual([
      'REPLICATION_LAB_WAL_FSYNC needs --wal FILE',
    ])
  })

  test('everything that is wrong is said at once', () => {
    const env = { REPLICATION_LAB_SEED: 'x', REPLICATION_LAB_FOLOWERS: '3' }
    expect(problems('--port x --prot 9 --host --rate fast', env)).toEqual([
      'there is no --prot; did you mean --port?',
      '--host needs a value: --host HOST',
      'there is no REPLICATION_LAB_FOLOWERS; did you mean REPLICATION_LAB_FOLLOWERS?',
      '--port: must be a whole number from 0 to 65535, not "x"',
      'REPLICATION_LAB_SEED: must be a whole number from 0 to 4294967295, not "x"',
      '--rate: must be a number from 0.001 to 1000, not "fast"',
    ])
  })

  test('a variable of another program is left alone', () => {
    expect(problems('', { REPLICATION_LAB_PORT_80_TCP_ADDR: '10.0.0.1' })).toEqual([])
  })

  test('a problem stays on one line whatever it quotes', () => {
    const reading = readOptions({ args: ['--port', '1\n2', 'a\nb'], env: {}, directory })
    expect(reading).toEqual({
      kind: 'refused',
      problems: [expect.not.stringContaining('\n'), expect.not.stringContaining('\n')],
    })
  })
})

describe('under npm', () => {
  const npm = {
    npm_lifecycle_event: 'start',
    npm_package_json: '/opt/replication-lab/package.json',
    INIT_CWD: '/home/ada',
  }

  test('npm start --port 9, without the --, is answered with how to write it', () => {
    expect(problems('', { ...npm, npm_config_port: '9' })).toEqual([
      'npm kept --port for itself: write npm start -- --port 9',
    ])
  })

  test('npm 11 lets go of the value, which is put back where it was', () => {
    expect(problems('9', { ...npm, npm_config_port: 'true' })).toEqual([
      'npm kept --port for itself: write npm start -- --port 9',
    ])
  })

  test('of several values nobody knows whose they were', () => {
    const env = { ...npm, npm_config_port: 'true', npm_config_wal: 'true' }
    expect(problems('9 lab.wal', env)).toEqual([
      'npm kept --port and --wal for itself: write npm start -- --port PORT --wal FILE',
    ])
  })

  test('what a shell would not leave alone is quoted', () => {
    const env = { ...npm, npm_config_latency: 'exponential(50ms)' }
    expect(problems('', env)).toEqual([
      expect.stringContaining("npm start -- --latency 'exponential(50ms)'"),
    ])
  })

  test('outside npm the same variables mean nothing', () => {
    expect(problems('', { npm_config_port: '9' })).toEqual([])
  })

  test('a file is looked for where the user stands, not where npm runs the script', () => {
    const inPackage = { args: ['--wal', 'lab.wal'], directory: '/opt/replication-lab' }
    const elsewhere = { args: ['--wal', 'lab.wal'], directory: '/data' }
    expect(readOptions({ ...inPackage, env: npm })).toMatchObject({
      options: { walFile: '/home/ada/lab.wal' },
    })
    // A script that npm runs may start this program in a folder of its own.
    expect(readOptions({ ...elsewhere, env: npm })).toMatchObject({
      options: { walFile: '/data/lab.wal' },
    })
  })
})

describe('help', () => {
  test('--help and --version win over whatever is wrong beside them', () => {
    expect(read('--port x --help')).toEqual({ kind: 'help' })
    expect(read('-h')).toEqual({ kind: 'help' })
    expect(read('--version')).toEqual({ kind: 'version' })
    expect(read('-v')).toEqual({ kind: 'version' })
  })

  test('it fits 80 columns and names every flag once', () => {
    const lines = renderHelp().split('\n')
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    for (const flag of FLAGS) {
      expect(lines.filter((line) => line.startsWith(`  --${flag} `))).toHaveLength(1)
    }
  })

  test('it reads like this', () => {
    expect(renderHelp()).toMatchInlineSnapshot(`
      "Usage: replication-lab [serve] [options]    or in its folder: npm start -- ...
             replication-lab wait            waits until a server is ready
             replication-lab run FILE        runs a scenario; run --help says how
             replication-lab check FILE      judges a history; check --help says how
             replication-lab predict, recommend   forecast staleness; --help says how
             replication-lab measure --url URL   the same of what happened
             replication-lab compare FILE --with KNOB   what one change does
             replication-lab shrink FILE     a smaller scenario that fails

      A leader, its followers and the time between them: replication lag you can see,
      hold and prove your code against.

      Server
        --port PORT                    Port to listen on; 0 picks a free one. [8080]
        --host HOST                    Address to listen on, with 127.0.0.1 also ::1;
                                       0.0.0.0 opens it to the network. [127.0.0.1]
        --allowed-hosts NAME,...       Host names under which others may reach this
                                       server. [this machine]
        --allowed-origins URL,...      Origins of web pages that may call this server.
                                       [none]
        --token TEXT                   What requests must bring, as Authorization:
                                       Bearer TEXT or once as ?token=TEXT. [drawn
                                       where others can reach it]
        --no-token                     Asks nobody for a token, even where others can
                                       reach it. [false]
        --lessons DIR                  A folder of scenarios (*.scenario) that the
                                       page tells as lessons too; read anew when
                                       saved. [none]

      Cluster
        --followers F                  How many replicas follow the leader, 1 to 100.
                                       [2]
        --latency LEG=TIME,...         How long messages travel. LEG is replicate,
                                       acknowledge, request or respond; TIME is 200ms
                                       or a distribution such as exponential(50ms);
                                       replicate takes one for all followers or one
                                       for each. Repeat the flag for further legs, or
                                       separate them by a semicolon.
                                       [replicate=200ms,500ms,...]
        --seed NUMBER                  Decides every random choice, 0 to 4294967295.
                                       It is printed at start. [random]

      Time
        --clock MODE                   real: time passes. manual: it stands still
                                       until you advance it. instant: it stands still,
                                       but jumps ahead while a request waits. [real]
        --rate FACTOR                  How much faster than the wall clock time
                                       passes, 0.001 to 1000. [1]
        --quorum-timeout TIME          How long a quorum write waits, and how long a
                                       replica may take to answer. [2s]

      Safety
        --auto-failover TIME           Silence after which the leader is replaced
                                       without being asked. [off]
        --min-followers-to-write NUMBER
                                       Refuse writes while fewer followers are in
                                       reach. [0]
        --min-followers-max-lag TIME   A follower is in reach while its last
                                       acknowledgement is younger than this. [10s]

      Write-ahead file
        --wal FILE                     Record every write in this file, and restore
                                       the cluster from it at start. [none]
        --wal-fsync WHEN               always: an answer waits until the write is on
                                       disk. never: until the system has it. [always]

      Log
        --log-format FORMAT            auto, pretty or json. auto is pretty on a
                                       terminal, JSON lines elsewhere. [auto]
        --log-level LEVEL              debug, info, warn, error or silent. [info]

      Bounds
        --max-keys NUMBER              Distinct keys; beyond them writes are refused.
                                       [2000000]
        --max-messages NUMBER          Messages on their way; beyond them requests are
                                       refused. [2000000]
        --max-waiting NUMBER           Requests that wait for an answer; beyond them
                                       they are refused. [10000]
        --max-log NUMBER               Entries of a log; older ones are dropped, and
                                       who needs them gets a snapshot. [100000]
        --max-bytes NUMBER             Bytes of keys and values in memory, two a
                                       character; beyond them writes are refused, and
                                       the oldest of logs, events and recordings goes.
                                       [a quarter of what Node may use]
        --max-events NUMBER            Events kept for those who resume the event
                                       stream. [10000]
        --max-history NUMBER           Operations of clients kept to be judged.
                                       [100000]
        --max-streams NUMBER           Readers of the event stream; beyond them it is
                                       refused. [250]
        --max-labs NUMBER              Labs beside the root, at most 10000. [500]
        --lab-idle TIME                A lab that nobody uses ends after this wall
                                       time; off: it never does. [30m]

      Help
        --help, -h                     Print this and stop.
        --version, -v                  Print the version and stop.

      TIME is written 250us, 200ms, 1.5s or 2m. Each option has a twin in the
      environment, which a flag overrules: --wal-fsync is REPLICATION_LAB_WAL_FSYNC. A
      bare PORT or HOST counts too, last.

      Examples
        npm start -- --followers 4 --clock manual
        npm start -- --latency 'replicate=exponential(50ms)' --seed 7
        npm start -- --latency replicate=10ms,2s --latency acknowledge=5ms
        npm start -- run src/scenario/stories/too-early-read.scenario
      "
    `)
  })
})

test('bounds come from the table of bounds', () => {
  expect(options(`--followers ${BOUNDS.followersMax}`).cluster.followers).toBe(BOUNDS.followersMax)
  expect(options(`--rate ${BOUNDS.rateMax}`).cluster.clock.rate).toBe(BOUNDS.rateMax)
})
