// Mistakes somebody might make in the core, as patches: a text that occurs exactly once in a file of src/core,
// and what stands there after the mistake. main.ts applies them one by one and expects the tests to
// notice; mutations.test.ts sees to it that every patch still applies.
//
// Of those that no verdict finds in 3,000 sessions, clients could see these: "a replica that is down counts as repaired"
// and "a read that timed out answers with what it found", which 18,000 sessions show; and what a failover makes of
// reads (dead versions that win, are brought back or kept; a leader that does not step down), for which no promise
// is made that a verdict could hold them to. All others cost time, or are healed before anybody looks.

export interface Mutation {
  readonly name: string
  /** In src/core. */
  readonly file: string
  readonly search: string
  readonly replace: string
  /** A verdict over what clients saw catches it: `npm run mutations -- --verdicts`. */
  readonly clientsSee?: true
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'a quorum is reached with one acknowledgement less',
    clientsSee: true,
    file: 'requests/writes.ts',
    search: 'if (write.acknowledgedBy.length < w) return',
    replace: 'if (write.acknowledgedBy.length < w - 1) return',
  },
  {
    name: 'a read quorum wants one answer more',
    clientsSee: true,
    file: 'requests/quorum.ts',
    search: "if (have >= needed) return 'reached'",
    replace: "if (have > needed) return 'reached'",
  },
  {
    name: 'a majority is half',
    file: 'requests/quorum.ts',
    search: 'return Math.floor(n / 2) + 1',
    replace: 'return Math.ceil(n / 2)',
  },
  {
    name: 'the version check of an applied copy is dropped',
    clientsSee: true,
    file: 'replica/replica.ts',
    search: 'const had = current !== undefined && compareVersions(current, record) >= 0',
    replace: 'const had = false',
  },
  {
    name: 'a repair goes back to an older version',
    clientsSee: true,
    file: 'replica/replica.ts',
    search: 'compareVersions(current, record) >= 0\n    ) {',
    replace: 'compareVersions(current, record) === 0\n    ) {',
  },
  {
    name: 'a repair brings back a dead version',
    file: 'replica/replica.ts',
    search: 'if (isDead(this.table, record)) return false',
    replace: '',
  },
  {
    name: 'repairs that died are kept when a newer epoch is learned',
    file: 'replica/replica.ts',
    search: 'const suspects = new Set(reachesBack ? this.ahead : this.#allKeys())',
    replace: 'const suspects = new Set<string>(reachesBack ? [] : this.#allKeys())',
  },
  {
    name: 'fencing is dropped: copies of an older epoch are taken',
    clientsSee: true,
    file: 'replication/follower.ts',
    search: 'if (body.epoch < replica.epoch) {',
    replace: 'if (body.epoch < 0) {',
  },
  {
    name: 'an old leader does not step down when it hears of a newer epoch',
    file: 'protocol.ts',
    search: 'if (body.epoch > replica.epoch) this.failover.learn(replica, body.epoch, body.table)',
    replace: 'if (body.epoch > replica.epoch) return',
  },
  {
    name: 'an acknowledgement counts copies that wait for their predecessors',
    clientsSee: true,
    file: 'replication/follower.ts',
    search: 'appliedOffset: replica.appliedOffset,',
    replace: 'appliedOffset: replica.appliedOffset + replica.early.size,',
  },
  {
    name: 'a duplicate of the last entry is applied once more',
    clientsSee: true,
    file: 'replication/follower.ts',
    search: 'if (offset <= replica.appliedOffset) {',
    replace: 'if (offset < replica.appliedOffset) {',
  },
  {
    name: 'copies are applied as they come, not in log order',
    clientsSee: true,
    file: 'replication/follower.ts',
    search: '} else if (offset > replica.appliedOffset + 1) {',
    replace: '} else if (offset > replica.appliedOffset + 2) {',
  },
  {
    name: 'catch-up begins one entry too late',
    file: 'replication/replicator.ts',
    search: 'this.#next = position + 1',
    replace: 'this.#next = position + 2',
  },
  {
    name: 'an acknowledgement of an earlier incarnation moves the position',
    file: 'replication/replicator.ts',
    search: 'if (incarnation < this.#incarnation) return',
    replace: '',
  },
  {
    name: 'each acknowledgement counts for one write only',
    file: 'replication/waiting-writes.ts',
    search: 'this.#writes.get(offset)?.acknowledgedBy(by)',
    replace: 'if (offset === upTo) this.#writes.get(offset)?.acknowledgedBy(by)',
  },
  {
    name: 'the first of the held copies is lost on release',
    file: 'network/network.ts',
    search: 'link.held = []\n    for (const message of held) {\n      message.dueUs',
    replace: 'link.held = []\n    for (const message of held.slice(1)) {\n      message.dueUs',
  },
  {
    name: 'a link cut while a message travels lets it through',
    file: 'network/network.ts',
    search: "if (link.state === 'cut') this.#lose(link, message, 'cut')\n    else if",
    replace: 'if',
  },
  {
    name: 'a restarted replica gets what was addressed to its earlier incarnation',
    file: 'network/network.ts',
    search:
      "if (host.incarnation !== message.toIncarnation) return this.#lose(link, message, 'restarted')",
    replace: '',
  },
  {
    name: 'what queued at a paused replica passes its links again',
    file: 'network/network.ts',
    search: 'if (item instanceof Message) this.#hand(this.link(item.from, item.to), item)',
    replace: 'if (item instanceof Message) this.#timeline.scheduleDue(0, item)',
  },
  {
    name: 'events of one instant fire in no order',
    file: 'timeline.ts',
    search: 'if ((dues[parent] as number) <= dueUs) break',
    replace: 'if ((dues[parent] as number) < dueUs) break',
  },
  {
    name: 'staleness counts the answer itself as missed',
    clientsSee: true,
    file: 'missed-writes.ts',
    search: 'last.number - first.number + 1',
    replace: 'last.number - first.number + 2',
  },
  {
    name: 'a write loses its name when it is written again',
    file: 'replication/leader.ts',
    search: 'return observer.wrote(record, replica.id, entry, old && observer.observedWrite(old))',
    replace: 'return observer.wrote(record, replica.id, entry)',
  },
  {
    name: 'a dead version wins a read',
    file: 'requests/read.ts',
    search: 'if (answer.record === null || isDead(table, answer.record)) continue',
    replace: 'if (answer.record === null) continue',
  },
  {
    name: 'a replica that is down counts as repaired',
    file: 'requests/read-decisions.ts',
    search: 'mending.down.add(replica)',
    replace: 'mending.confirmed.set(replica, given)',
  },
  {
    name: 'a read that timed out answers with what it found',
    file: 'requests/read-decisions.ts',
    search: 'if (plan.takesFewer && decision) return',
    replace: 'if (decision) return',
  },
  {
    name: 'a repair tells nobody of its epoch',
    file: 'requests/repair.ts',
    search: 'if (epoch > replica.epoch) this.#host.learn(replica, epoch, table)',
    replace: '',
  },
  {
    name: 'the longest log is promoted, whatever its epoch',
    file: 'replication/failover.ts',
    search: '.sort((a, b) => compareVersions(lastVersionOf(b), lastVersionOf(a)) || a.id - b.id)',
    replace: '.sort((a, b) => b.appliedOffset - a.appliedOffset || a.id - b.id)',
  },
  {
    name: 'a new leader forgets the repairs that ran ahead of its log',
    clientsSee: true,
    file: 'replication/failover.ts',
    search: 'if (record && !isDead(replica.table, record)) ahead.push(record)',
    replace: '',
  },
  {
    name: 'a new epoch begins one entry too early',
    clientsSee: true,
    file: 'replication/failover.ts',
    search: '{ epoch, firstOffset: last + 1 }]',
    replace: '{ epoch, firstOffset: Math.max(1, last) }]',
  },
  {
    name: 'what is dropped is sent again without ever slowing down',
    file: 'replication/retry.ts',
    search: 'return Math.min(FIRST_DELAY_US * (1 << Math.min(attempt, 10)), LAST_DELAY_US)',
    replace: 'return attempt < 0 ? LAST_DELAY_US : FIRST_DELAY_US',
  },
  {
    name: 'the counterpart leaves the pending undo of a fault in place',
    file: 'faults/expiry.ts',
    search: 'if (pending) this.#timeline.cancel(pending.due)',
    replace: '',
  },
  // From here on: mistakes that were made, and found by random runs (test/core/overtaking.test.ts).
  {
    name: 'a doubled request is served twice',
    clientsSee: true,
    file: 'requests/writes.ts',
    search: 'if (write.served) return',
    replace: '',
  },
  {
    name: 'a position acknowledged in an older epoch is taken for settled',
    file: 'replication/replicator.ts',
    search: "this.#startFrom(body.incarnation, common, 'provisional')",
    replace: "this.#startFrom(body.incarnation, common, 'settled')",
  },
  {
    name: 'early copies of a new epoch bring no acknowledgement',
    file: 'replication/follower.ts',
    search: 'if (replica.acknowledgedEpoch === replica.epoch) return',
    replace: 'return',
  },
  {
    name: 'an older acknowledgement makes up for a newer one that was lost',
    file: 'replication/follower.ts',
    search:
      'body.epoch > owed.epoch || (body.epoch === owed.epoch && body.appliedOffset >= owed.offset)',
    replace: 'body.appliedOffset >= 0',
  },
  {
    name: 'a catch-up stopped by the bound on messages waits for what is under way',
    file: 'replication/replicator.ts',
    search: 'if (network.messages >= options.messagesMax) return this.#retry.fail()',
    replace:
      'if (network.messages >= options.messagesMax) return this.#underWay.size === 0 ? this.#retry.fail() : undefined',
  },
  {
    name: 'a snapshot takes back what copies brought meanwhile',
    file: 'replica/replica.ts',
    search: 'if (snapshot.offset > this.appliedOffset) this.log.restartAfter(snapshot.offset)',
    replace: 'this.log.restartAfter(snapshot.offset)',
  },
  {
    name: 'a retry moves the end of the snapshot under way',
    file: 'replication/replicator.ts',
    search: 'if (this.snapshot) return',
    replace:
      'if (this.snapshot && this.#catchUp) return void (this.#catchUp = { ...this.#catchUp, to: this.#leader.log.lastOffset })',
  },
  {
    name: 'the snapshot of an empty log never lands',
    file: 'replication/replicator.ts',
    search: 'if (!this.#catchUp || this.#match < this.#catchUp.to) return',
    replace: 'if (!this.#catchUp?.to || this.#match < this.#catchUp.to) return',
  },
]
