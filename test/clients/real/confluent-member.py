"""confluent-kafka (librdkafka) in groups, behind the line protocol of groups/member-process.ts."""

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from json_lines import text_of
from member_host import serve

POLLED_AT_ONCE = 500
PASSING = (KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._RESOLVE)


class Adapter:
    def __init__(self, bootstrap, options, member):
        self.member = member
        self.positions = {}
        reset = "error" if options["reset"] == "none" else options["reset"]
        cooperative = options.get("cooperative", False)
        self.consumer = Consumer({
            "bootstrap.servers": bootstrap,
            "group.id": options["groupId"],
            "enable.auto.commit": options["commits"] == "automatic",
            "auto.commit.interval.ms": 50,
            "auto.offset.reset": reset,
            "session.timeout.ms": options.get("sessionTimeoutMs", 10_000),
            "heartbeat.interval.ms": 200,
            "fetch.wait.max.ms": 50,
            "topic.metadata.refresh.interval.ms": 500,
            "reconnect.backoff.max.ms": 200,
            "partition.assignment.strategy": "cooperative-sticky" if cooperative else "range",
            **({"group.instance.id": options["instanceId"]} if "instanceId" in options else {}),
        })
        self.consumer.subscribe(
            options["topics"], on_assign=self.assigned, on_revoke=self.revoked, on_lost=self.lost
        )

    def assigned(self, consumer, partitions):
        self.member.tell_of("assigned", [(p.topic, p.partition) for p in partitions])

    def revoked(self, consumer, partitions):
        self.member.flush()
        self.give_up("revoked", partitions)

    def lost(self, consumer, partitions):
        self.give_up("lost", partitions)

    def give_up(self, kind, partitions):
        places = [(p.topic, p.partition) for p in partitions]
        for place in places:
            self.positions.pop(place, None)
        self.member.tell_of(kind, places)

    def poll(self):
        # One at a time: a rebalance lies between two records, never inside a batch.
        message = self.consumer.poll(0.02)
        while message is not None:
            self.take(message)
            full = len(self.member.taken) >= POLLED_AT_ONCE
            message = None if full else self.consumer.poll(0)

    def take(self, message):
        error = message.error()
        if error is not None:
            if error.code() in PASSING or error.retriable():
                return
            raise KafkaException(error)
        self.positions[(message.topic(), message.partition())] = message.offset() + 1
        self.member.taken.append({
            "topic": message.topic(),
            "partition": message.partition(),
            "offset": message.offset(),
            "key": text_of(message.key()),
            "value": text_of(message.value()),
            "headers": [[n, text_of(v)] for n, v in message.headers() or []],
        })

    def commit(self):
        offsets = [TopicPartition(t, p, offset) for (t, p), offset in self.positions.items()]
        self.consumer.commit(offsets=offsets, asynchronous=False)
        self.member.tell("committed", offsets=[[o.topic, o.partition, o.offset] for o in offsets])

    def pause(self, topic, partition):
        self.consumer.pause([TopicPartition(topic, partition)])

    def resume(self, topic, partition):
        self.consumer.resume([TopicPartition(topic, partition)])

    def seek(self, topic, partition, offset):
        self.consumer.seek(TopicPartition(topic, partition, offset))

    def close(self):
        self.consumer.close()


serve(Adapter)
