"""kafka-python in groups, behind the line protocol of groups/member-process.ts."""

from json_lines import text_of
from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from member_host import serve


class Adapter(ConsumerRebalanceListener):
    def __init__(self, bootstrap, options, member):
        self.member = member
        self.positions = {}
        self.consumer = KafkaConsumer(
            bootstrap_servers=bootstrap,
            group_id=options["groupId"],
            enable_auto_commit=options["commits"] == "automatic",
            auto_commit_interval_ms=50,
            auto_offset_reset=options["reset"],
            session_timeout_ms=options.get("sessionTimeoutMs", 10_000),
            heartbeat_interval_ms=200,
            fetch_max_wait_ms=50,
            metadata_max_age_ms=500,
            reconnect_backoff_max_ms=200,
        )
        first = options["topics"][0]
        wanted = {"pattern": first} if first.startswith("^") else {"topics": options["topics"]}
        self.consumer.subscribe(**wanted, listener=self)

    def on_partitions_assigned(self, assigned):
        self.member.tell_of("assigned", assigned)

    def on_partitions_revoked(self, revoked):
        self.positions.clear()
        self.member.tell_of("revoked", revoked)

    def poll(self):
        for records in self.consumer.poll(timeout_ms=20).values():
            for record in records:
                place = TopicPartition(record.topic, record.partition)
                self.positions[place] = OffsetAndMetadata(record.offset + 1, "")
                self.member.taken.append({
                    "topic": record.topic,
                    "partition": record.partition,
                    "offset": record.offset,
                    "key": text_of(record.key),
                    "value": text_of(record.value),
                    "headers": [[n, text_of(v)] for n, v in record.headers],
                })

    def commit(self):
        self.consumer.commit(self.positions)
        offsets = [[p.topic, p.partition, at.offset] for p, at in self.positions.items()]
        self.member.tell("committed", offsets=offsets)

    def pause(self, topic, partition):
        self.consumer.pause(TopicPartition(topic, partition))

    def resume(self, topic, partition):
        self.consumer.resume(TopicPartition(topic, partition))

    def seek(self, topic, partition, offset):
        self.consumer.seek(TopicPartition(topic, partition), offset)

    def close(self):
        self.member.tell_of("revoked", self.consumer.assignment())
        self.consumer.close()


serve(Adapter)
